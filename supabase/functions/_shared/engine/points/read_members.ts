import type { DumpManifest } from "../../contract/mod.ts";
import { type Checksums, sha256Hex } from "../checksum.ts";
import type { Decompressor } from "../decompression.ts";
import { hasCode } from "../errors.ts";
import { BackupDamage, type MemberTools, type PlacedMember, unpackMember } from "../format/member.ts";
import type { ObjectStore } from "../store/object_store.ts";
import type { LocatedDump } from "./locate_dump.ts";

/** What is needed to read the bytes of a recovery point. */
export interface PointReader {
  readonly store: ObjectStore;
  readonly checksums: Checksums;
  readonly decompressor: Decompressor;
}

export interface ReadMember extends PlacedMember {
  /** The member's bytes, decompressed after their checksum was found right. */
  readonly raw: Uint8Array<ArrayBuffer>;
}

/**
 * Members that lie side by side are fetched together, up to this size. That makes few requests and takes little memory;
 * and since the bytes are read at once, no connection to the store stays open while Postgres loads rows.
 */
const BYTES_PER_REQUEST = 8 * 1024 * 1024;

/**
 * Yields the given members, decompressed, in the order in which they are given. They are fetched by Range requests. A
 * member is only yielded after its SHA-256 and its length were found right. Throws BackupDamage and the store's errors.
 */
export async function* readMembers(
  reader: PointReader,
  manifest: DumpManifest,
  located: LocatedDump,
  members: readonly PlacedMember[],
  signal?: AbortSignal,
): AsyncGenerator<ReadMember> {
  const tools = memberTools(reader);
  for (const group of neighbours(members)) {
    const stored = await fetchGroup(reader.store, manifest, located, group, signal);
    let start = 0;
    for (const placed of group) {
      const bytes = stored.subarray(start, start + placed.member.length);
      start += placed.member.length;
      yield { ...placed, raw: await unpackMember(tools, manifest, placed, bytes) };
    }
  }
}

/** The members of a table, or of the whole dump, each with its position in the manifest. */
export function placedMembers({ members }: DumpManifest, table?: string): PlacedMember[] {
  return members.flatMap((member, index) => table === undefined || member.table === table ? [{ member, index }] : []);
}

function memberTools({ checksums, decompressor }: PointReader): MemberTools {
  return {
    sha256: (bytes) => sha256Hex(checksums, bytes),
    gunzip: (bytes, rawLength) => decompressor.gunzip(bytes, rawLength),
  };
}

function* neighbours(members: readonly PlacedMember[]): Generator<PlacedMember[]> {
  let group: PlacedMember[] = [];
  let bytes = 0;
  let end = -1;
  for (const placed of members) {
    const { offset, length } = placed.member;
    if (group.length > 0 && (offset !== end || bytes + length > BYTES_PER_REQUEST)) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(placed);
    bytes += length;
    end = offset + length;
  }
  if (group.length > 0) yield group;
}

async function fetchGroup(
  store: ObjectStore,
  { dump }: DumpManifest,
  { etag, versionId }: LocatedDump,
  group: readonly PlacedMember[],
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const length = group.reduce((sum, { member }) => sum + member.length, 0);
  try {
    const { body } = await store.get(dump.key, {
      range: { offset: group[0].member.offset, length },
      ...versionId === undefined ? { ifMatch: etag } : { versionId },
    }, signal);
    return new Uint8Array(await new Response(body).arrayBuffer());
  } catch (error) {
    if (hasCode(error, "object_missing")) {
      throw new BackupDamage(dump.key, "object_missing", "the store says that it is not there", error);
    }
    throw error;
  }
}

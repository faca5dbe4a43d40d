import type { DumpManifest } from "../../contract/mod.ts";
import type { Checksums } from "../checksum.ts";
import type { Decompressor } from "../decompression.ts";
import { hasCode } from "../errors.ts";
import { BackupDamage, type MemberTools, type PlacedMember, unpackMember } from "../format/member.ts";
import type { ObjectStore } from "../store/object_store.ts";
import type { LocatedDump } from "./locate_dump.ts";

/** What reading a recovery point takes. */
export interface PointReader {
  readonly store: ObjectStore;
  readonly checksums: Checksums;
  readonly decompressor: Decompressor;
}

export interface ReadMember extends PlacedMember {
  /** Proved and decompressed. */
  readonly raw: Uint8Array<ArrayBuffer>;
}

/** One request fetches neighbours up to this size: few requests, little memory, and no connection waits for Postgres. */
const BYTES_PER_REQUEST = 8 * 1024 * 1024;

/**
 * The given members, in the order of the manifest, fetched by Range requests and decompressed one by one. Each is yielded
 * only after its SHA-256, its end and its size were found right. Throws BackupDamage and the store's errors.
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

/** Members with their places in the manifest: all of them, or those of a table. */
export function placedMembers({ members }: DumpManifest, table?: string): PlacedMember[] {
  return members.flatMap((member, index) => table === undefined || member.table === table ? [{ member, index }] : []);
}

function memberTools({ checksums, decompressor }: PointReader): MemberTools {
  return {
    sha256(bytes) {
      const sum = checksums.sha256();
      sum.update(bytes);
      return sum.hex();
    },
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

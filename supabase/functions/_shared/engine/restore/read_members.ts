import type { DumpMember } from "../../contract/mod.ts";
import { hasCode } from "../errors.ts";
import { backupDamaged } from "./backup_damaged.ts";
import type { OpenPoint, PointReader } from "./read_point.ts";

export interface ReadMember {
  readonly member: DumpMember;
  /** Place in the manifest, from 0. */
  readonly index: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** One request fetches neighbours up to this size: few requests, little memory, and no connection waits for Postgres. */
const BYTES_PER_REQUEST = 8 * 1024 * 1024;

/**
 * The given members, whose order is that of the manifest, fetched by Range requests and decompressed one by one. Each is
 * yielded only after its SHA-256, its end and its size were found right. Throws `backup_damaged` and the store's errors.
 */
export async function* readMembers(
  reader: PointReader,
  point: OpenPoint,
  members: readonly DumpMember[],
  signal?: AbortSignal,
): AsyncGenerator<ReadMember> {
  const places = new Map(point.manifest.members.map((member, index) => [member, index]));
  for (const group of neighbours(members)) {
    const stored = await fetchRange(reader, point, group, signal);
    let start = 0;
    for (const member of group) {
      const index = places.get(member)!;
      const bytes = stored.subarray(start, start + member.length);
      start += member.length;
      yield { member, index, bytes: await unpack(reader, point, member, index, bytes) };
    }
  }
}

function* neighbours(members: readonly DumpMember[]): Generator<DumpMember[]> {
  let group: DumpMember[] = [];
  let bytes = 0;
  let end = -1;
  for (const member of members) {
    if (group.length > 0 && (member.offset !== end || bytes + member.length > BYTES_PER_REQUEST)) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(member);
    bytes += member.length;
    end = member.offset + member.length;
  }
  if (group.length > 0) yield group;
}

async function fetchRange(
  { store }: PointReader,
  { manifest, dumpVersionId }: OpenPoint,
  group: readonly DumpMember[],
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const offset = group[0].offset;
  const length = group.reduce((sum, member) => sum + member.length, 0);
  const { key } = manifest.dump;
  try {
    const { body } = await store.get(key, {
      range: { offset, length },
      ...dumpVersionId === undefined ? {} : { versionId: dumpVersionId },
    }, signal);
    const bytes = new Uint8Array(await new Response(body).arrayBuffer());
    if (bytes.length === length) return bytes;
    throw backupDamaged(key, `bytes ${offset} to ${offset + length - 1} of ${key} came back as ${bytes.length}`);
  } catch (error) {
    if (hasCode(error, "object_missing")) throw backupDamaged(key, `${key} is missing`, error);
    throw error;
  }
}

async function unpack(
  { checksums, decompressor }: PointReader,
  { manifest }: OpenPoint,
  member: DumpMember,
  index: number,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const where = `member ${index} (bytes ${member.offset} to ${member.offset + member.length - 1}, ` +
    `${member.table === null ? "head or tail of the document" : `table ${member.table}`}) of ${manifest.dump.key}`;
  const subject = member.table ?? manifest.dump.key;
  const sum = checksums.sha256();
  sum.update(bytes);
  if (sum.hex() !== member.sha256) {
    throw backupDamaged(subject, `${where} has another checksum than when it was written`);
  }
  let raw;
  try {
    raw = await decompressor.gunzip(bytes, member.rawLength);
  } catch (cause) {
    throw backupDamaged(subject, `${where} cannot be decompressed`, cause);
  }
  if (raw.length !== member.rawLength) {
    throw backupDamaged(subject, `${where} holds ${raw.length} bytes, not ${member.rawLength}`);
  }
  return raw;
}

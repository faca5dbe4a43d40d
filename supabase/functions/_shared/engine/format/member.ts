import type { DumpManifest, DumpMember } from "../../contract/mod.ts";
import { LifeboatError } from "../errors.ts";

/** The host's functions to check and decompress a member. A browser offers SHA-256 only asynchronously. */
export interface MemberTools {
  /** The SHA-256 in lower-case hex. */
  sha256(bytes: Uint8Array<ArrayBuffer>): string | Promise<string>;
  /** Rejects when the bytes are not one whole gzip member, or hold more than `rawLength` bytes. */
  gunzip(bytes: Uint8Array<ArrayBuffer>, rawLength: number): Promise<Uint8Array<ArrayBuffer>>;
}

export interface PlacedMember {
  readonly member: DumpMember;
  /** Position in the manifest's list of members, counted from 0. */
  readonly index: number;
}

/** The part of a manifest that is needed to name a member in a message. */
export interface DumpName {
  readonly dump: Pick<DumpManifest["dump"], "key">;
}

/** One difference between stored bytes and what was written, as the damage lists of verify runs hold it. */
export interface FoundDamage {
  readonly code: "object_missing" | "checksum_differs" | "undecodable" | "count_differs";
}
export type DamageKind = FoundDamage["code"];

/**
 * Thrown when the bytes in the bucket are not those that were backed up. `reason` is the end of a sentence about
 * `subject` and is shown in lists of damage.
 */
export class BackupDamage extends LifeboatError {
  constructor(subject: string, readonly damage: DamageKind, readonly reason: string, cause?: unknown) {
    super({
      code: "backup_damaged",
      kind: "permanent",
      message: `This backup is damaged: ${subject}: ${reason}.`,
      hint: "Use another recovery point, or an older version of this object where the bucket keeps versions.",
      operation: "points.read",
      subject,
      cause,
    });
  }
}

/** Names a member for people: "member 3 (bytes 100 to 199, table bookings) of backups/…". */
export function describeMember({ dump }: DumpName, { member, index }: PlacedMember): string {
  const part = member.table === null ? "head or tail of the document" : `table ${member.table}`;
  return `member ${index} (bytes ${member.offset} to ${member.offset + member.length - 1}, ${part}) of ${dump.key}`;
}

/**
 * Decompresses a member after its SHA-256 was found right, and checks that it has the length that the manifest names.
 * Decompression stops as soon as a member exceeds that length, so that a gzip bomb costs no memory. Throws
 * BackupDamage.
 */
export async function unpackMember(
  tools: MemberTools,
  manifest: DumpName,
  placed: PlacedMember,
  stored: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { member } = placed;
  const damage = (kind: DamageKind, reason: string, cause?: unknown) =>
    new BackupDamage(describeMember(manifest, placed), kind, reason, cause);
  if (stored.length !== member.length) {
    throw damage("checksum_differs", `${stored.length} bytes came instead of ${member.length}`);
  }
  if (await tools.sha256(stored) !== member.sha256) {
    throw damage("checksum_differs", "its bytes are not those that were written (SHA-256)");
  }
  let raw;
  try {
    raw = await tools.gunzip(stored, member.rawLength);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw damage("undecodable", `it cannot be decompressed (${why})`, cause);
  }
  if (raw.length === member.rawLength) return raw;
  throw damage("undecodable", `it holds ${raw.length} bytes of JSON, not ${member.rawLength}`);
}

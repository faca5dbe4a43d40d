import { sha256Hex } from "../checksum.ts";
import type { DumpManifest } from "../../contract/mod.ts";
import { manifestKey } from "../format/keys.ts";
import { manifestDamaged } from "../format/manifest.ts";
import { manifestProblems } from "../format/manifest_problems.ts";
import { BackupDamage } from "../format/member.ts";
import type { PointReference } from "./find_point.ts";
import { type LocatedDump, locateDump, sizeDifference } from "./locate_dump.ts";
import { readManifest } from "./read_manifest.ts";
import type { PointReader } from "./read_members.ts";

/** A recovery point whose manifest was read and does not contradict itself. */
export interface OpenPoint {
  readonly manifest: DumpManifest;
  /**
   * SHA-256 of the manifest's bytes, in hex. A restore plan holds it, so that it is applied to the backup it was made
   * for.
   */
  readonly manifestSha256: string;
  /** Where the bytes of the dump lie. Whether they are the right ones, only the members' checksums prove. */
  readonly dump: LocatedDump;
}

/**
 * Reads and checks the manifest of a recovery point, and finds the bytes of its dump. Throws `point_missing`,
 * `format_unknown` when a newer Lifeboat wrote the manifest, `manifest_damaged`, `backup_damaged` and the store's
 * errors. May be repeated.
 */
export async function openPoint(
  { store, checksums }: PointReader,
  { project, point }: PointReference,
  signal?: AbortSignal,
): Promise<OpenPoint> {
  const { manifest, text } = await readManifest(store, project, point, signal);
  for (const { reason } of manifestProblems(manifest, { project, recoveryPoint: point }, checksums)) {
    throw manifestDamaged(manifestKey(project, point), reason);
  }
  const dump = await locateDump(store, manifest, signal);
  const { key } = manifest.dump;
  if (!dump) throw new BackupDamage(key, "object_missing", "the store says that it is not there");
  // An object of the right size with another ETag may be a copy made by another provider; the checksums will tell.
  const why = dump.asWritten ? undefined : sizeDifference(manifest, dump);
  if (why) throw new BackupDamage(key, "object_missing", why);
  return { manifest, manifestSha256: sha256Hex(checksums, new TextEncoder().encode(text)), dump };
}

import type { DumpManifest } from "../../contract/mod.ts";
import { manifestKey } from "../format/keys.ts";
import { manifestDamaged } from "../format/manifest.ts";
import { manifestProblems } from "../format/manifest_problems.ts";
import { BackupDamage } from "../format/member.ts";
import type { PointReference } from "./find_point.ts";
import { type LocatedDump, locateDump, sizeDifference } from "./locate_dump.ts";
import { readManifest } from "./read_manifest.ts";
import type { PointReader } from "./read_members.ts";

/** A recovery point whose manifest was read and agrees with itself. */
export interface OpenPoint {
  readonly manifest: DumpManifest;
  /** Of the manifest's bytes, hex: a plan holds it, so that it is applied to the very backup that was shown. */
  readonly manifestSha256: string;
  /** The bytes of the dump. That they really are, the members' checksums prove. */
  readonly dump: LocatedDump;
}

/**
 * Reads and checks the manifest of a point, and finds the bytes of its dump. Throws `point_missing`, `format_unknown` for
 * a version that this program does not know, `manifest_damaged`, `backup_damaged`, and what the store throws. May be
 * repeated.
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
  // Another ETag with the right size may be a copy made by another provider: believed until a checksum says no.
  const why = dump.asWritten ? undefined : sizeDifference(manifest, dump);
  if (why) throw new BackupDamage(key, "object_missing", why);
  const sum = checksums.sha256();
  sum.update(new TextEncoder().encode(text));
  return { manifest, manifestSha256: sum.hex(), dump };
}

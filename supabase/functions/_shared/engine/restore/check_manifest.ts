import type { DumpManifest } from "../../contract/mod.ts";
import type { Checksums } from "../checksum.ts";
import { dumpKey, mediaManifestKey } from "../format/keys.ts";
import { backupDamaged } from "./backup_damaged.ts";
import { tableName } from "./dump_language.ts";

/** PostgreSQL itself ends at 1 GB a value; a member that claims more would only cost memory. */
const LARGEST_MEMBER_BYTES = 2 ** 30;

/**
 * Proves that a manifest agrees with itself and with the key under which it was found, so that one that was edited cannot
 * lead a restore to other objects, to overlapping bytes or to fewer rows. Throws `backup_damaged`.
 */
export function checkManifest(
  manifest: DumpManifest,
  found: { readonly key: string; readonly project: string; readonly point: string },
  checksums: Checksums,
): void {
  const insist = (holds: boolean, what: string) => {
    if (!holds) throw backupDamaged(found.key, `its manifest ${what}`);
  };
  const { dump, members, tables } = manifest;
  insist(manifest.project === found.project && manifest.recoveryPoint === found.point, "belongs to another point");
  insist(dump.key === dumpKey(found.project, found.point), "names the dump of another point");
  insist(
    manifest.mediaManifestKey === mediaManifestKey(found.project, found.point),
    "names the media manifest of another point",
  );

  const names = new Set(tables.map(tableName));
  insist(names.size === tables.length, "names a table twice");
  const rows = new Map<string, number>();
  const finished = new Set<string>();
  let end = 0;
  let rawBytes = 0;
  let previous: string | null = null;
  const digests = checksums.sha256();
  for (const member of members) {
    insist(member.offset === end, "has members that overlap or leave a gap");
    insist(
      member.length > 0 && member.rawLength > 0 && member.rawLength <= LARGEST_MEMBER_BYTES && member.rows >= 0,
      "has a member of an impossible size",
    );
    insist(/^[0-9a-f]{64}$/.test(member.sha256), "has a member without a checksum");
    end += member.length;
    rawBytes += member.rawLength;
    digests.update(Uint8Array.from(member.sha256.match(/../g)!, (hex) => parseInt(hex, 16)));
    if (member.table !== previous && previous !== null) finished.add(previous);
    previous = member.table;
    if (member.table === null) {
      insist(member.rows === 0, "counts rows outside of a table");
      continue;
    }
    insist(names.has(member.table), `has members of ${member.table}, which is not among its tables`);
    insist(!finished.has(member.table), `has members of ${member.table} in two places`);
    rows.set(member.table, (rows.get(member.table) ?? 0) + member.rows);
  }
  insist(members.length > 0 && members[0].table === null, "does not begin with the head of the document");
  insist(end === dump.sizeBytes && rawBytes === dump.rawBytes, "has members that do not add up to the dump");
  insist(digests.hex() === dump.membersSha256, "has other members than were written (membersSha256)");
  for (const table of tables) {
    const name = tableName(table);
    insist(rows.get(name) === table.rows, `has members of ${name} that do not add up to its rows`);
    insist(/^-?\d{1,40}$/.test(table.digest), `has no digest for ${name}`);
  }
}

import type { DumpManifest } from "../../supabase/functions/_shared/contract/mod.ts";
import { tableName } from "../../supabase/functions/_shared/engine/format/sql_names.ts";
import { type MediaHead, readManifest, readMediaHead } from "../../supabase/functions/_shared/engine/points/mod.ts";
import { EXIT_CODES } from "../exit_code.ts";
import { formatCount, formatDecimalBytes, formatTable } from "../figures.ts";
import { newCommand, perform } from "../perform.ts";
import { choosePoint, storedPoints } from "../stored_points.ts";

export const show = newCommand(
  "show",
  "show what a recovery point holds and what it does not; needs S3's settings only",
)
  .argument("[point]", "timestamp as `list` shows it, or latest", "latest")
  .action((wanted, options) =>
    perform(options, async (host) => {
      const { store, points } = await storedPoints(host);
      const { project, recoveryPoint } = choosePoint(points, wanted);
      const { manifest } = await readManifest(store, project, recoveryPoint, host.signal);
      const media = await readMediaHead(store, project, recoveryPoint, host.signal);
      const { members, ...rest } = manifest;
      return {
        exitCode: EXIT_CODES.done,
        json: { ...rest, members: members.length, media: media ?? null },
        text: describe(manifest, media),
      };
    })
  );

function describe(manifest: DumpManifest, media: MediaHead | undefined): string {
  const { dump, tables, ledger } = manifest;
  return [
    `Recovery point ${manifest.recoveryPoint} of ${manifest.project}, run ${manifest.runId}`,
    `Snapshot       ${manifest.snapshotAt}, PostgreSQL ${manifest.source.serverVersion}`,
    `Dump           ${dump.key}, ${formatDecimalBytes(dump.sizeBytes)} (${
      formatDecimalBytes(dump.rawBytes)
    } uncompressed)`,
    `               sha256 ${dump.sha256 ?? "not known: several invocations wrote it"}`,
    "",
    formatTable(
      ["TABLE", "ROWS", "SIZE", "STORED"],
      tables.map((
        table,
      ) => [tableName(table), table.rows, formatDecimalBytes(table.rawBytes), formatDecimalBytes(table.bytes)]),
    ),
    "",
    ...media ? [describeMedia(media)] : ["The files of this point are not stored (yet)."],
    "",
    ledger.length === 0 ? "Nothing was left out." : `Not in this backup (${formatCount(ledger.length)}):`,
    ...ledger.map(({ kind, identity, reason, severity }) =>
      `  ${severity === "missing" ? "MISSING " : ""}${kind} ${identity}: ${reason}`
    ),
  ].join("\n");
}

function describeMedia({ buckets, totals }: MediaHead): string {
  return [
    formatTable(
      ["BUCKET", "FILES", "SIZE", "SKIPPED"],
      buckets.map((bucket) => [bucket.bucket, bucket.files, formatDecimalBytes(bucket.bytes), bucket.skipped]),
    ),
    `${formatCount(totals.files)} files, ${formatDecimalBytes(totals.bytes)}, of which ${
      formatCount(totals.copied)
    } were copied`,
  ].join("\n");
}

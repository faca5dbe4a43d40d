import type { PlanEntry, RestorePlan, RestoreReport } from "../supabase/functions/_shared/engine/restore/mod.ts";
import { formatBytes, formatCount, formatTable } from "./figures.ts";

/** What a restore would do, for people to judge before it does. */
export function describePlan(plan: RestorePlan): string {
  const { database, media, resume } = plan;
  return [
    `Plan to restore ${plan.recoveryPoint} of ${plan.project}`,
    ...resume ? [`Continues the restore that began at ${resume.startedAt} (${resume.stepsDone} steps are done).`] : [],
    ...database
      ? [
        "",
        `Database   ${database.target.database} as ${database.target.role}, PostgreSQL ${database.target.serverVersion} ` +
        `(the backup is from ${database.source.serverVersion}, ${database.snapshotAt})`,
        `Statements ${
          Object.entries(database.statements).map(([kind, count]) => `${count} ${kind}`).join(", ") || "none"
        }${database.preamble ? "; roles and schemas of a Supabase project first" : ""}`,
        `Disarmed   ${database.disarmed} triggers, event triggers and cron jobs wait for: restore arm`,
        "",
        formatTable(
          ["TABLE", "ROWS", "SIZE", "WHAT HAPPENS"],
          database.tables.map((table) => [
            table.table,
            table.rows,
            formatBytes(table.bytes),
            [
              table.action === "stand-in" ? "create as plain columns" : table.action,
              table.existingRows === "replace" && "DELETES the rows that are there",
              table.existingRows === "keep" && "keeps the rows that are there",
              table.reason,
              table.droppedColumns.length > 0 && `without columns ${table.droppedColumns.join(", ")}`,
            ].filter((part) => part).join("; "),
          ]),
        ),
        `${formatCount(database.rows)} rows, ${formatBytes(database.bytes)} to fetch`,
      ]
      : [],
    ...media
      ? [
        "",
        formatTable(
          ["BUCKET", "FILES", "WHAT HAPPENS"],
          media.buckets.map((
            { bucket, files, action },
          ) => [bucket, files, action === "create" ? "create" : "is there"]),
        ),
        `${formatCount(media.files)} files, ${formatBytes(media.bytes)}`,
      ]
      : [],
    ...entries("Will not come back", plan.notRestored),
    ...plan.warnings.length === 0 ? [] : ["", "Warnings", ...plan.warnings.map((warning) => `  ${warning}`)],
    ...entries("Conflicts", plan.conflicts),
  ].join("\n");
}

export function describeReport(report: RestoreReport): string {
  const { database, media } = report;
  return [
    `Restored ${report.recoveryPoint} of ${report.project}: ${report.status}`,
    ...database
      ? [
        `Database   ${formatCount(database.rows)} rows in ${database.tables.length} tables, ` +
        `${database.tables.filter(({ equal }) => equal).length} of them equal to the backup`,
        ...database.disarmed > 0
          ? [`Disarmed   ${database.disarmed} triggers, event triggers and cron jobs; when all is well: restore arm`]
          : [],
      ]
      : [],
    ...media
      ? [
        `Files      ${formatCount(media.uploaded)} uploaded (${formatBytes(media.bytesUploaded)}), ` +
        `${formatCount(media.unchanged)} were there already, ${formatCount(media.kept)} others kept`,
      ]
      : [],
    ...entries("Not as in the backup", report.problems),
  ].join("\n");
}

function entries(title: string, list: readonly PlanEntry[]): string[] {
  if (list.length === 0) return [];
  return ["", title, ...list.map(({ kind, identity, reason }) => `  ${kind} ${identity}: ${reason}`)];
}

import type {
  PlanEntry,
  RestorePlan,
  RestoreReport,
  TablePlan,
} from "../supabase/functions/_shared/engine/restore/mod.ts";
import { formatCount, formatDecimalBytes, formatDuration, formatTable, formatWrapped } from "./figures.ts";

/** Describes what a restore would do, so that people can judge it first. */
export function describePlan(plan: RestorePlan): string {
  const { database, media, resume } = plan;
  const inConflict = new Set(plan.conflicts.filter(({ kind }) => kind === "table").map(({ identity }) => identity));
  return [
    `Plan to restore ${plan.recoveryPoint} of ${plan.project}`,
    ...resume ? [`Continues the restore that began at ${resume.startedAt} (${resume.stepsDone} steps are done).`] : [],
    ...database
      ? [
        "",
        `Database   ${database.target.database} as ${database.target.role}, PostgreSQL ${database.target.serverVersion} ` +
        `(the backup is from ${database.source.serverVersion}, ${database.snapshotAt})`,
        formatWrapped("Statements ", [
          ...database.preamble ? ["roles and schemas of a Supabase project first"] : [],
          ...Object.entries(database.statements).map(([kind, count]) => `${count} ${kind}`),
          ...Object.keys(database.statements).length === 0 ? ["none"] : [],
        ]),
        `Disarmed   ${database.disarmed} triggers, event triggers and cron jobs wait for: restore arm`,
        "",
        formatTable(
          ["TABLE", "ROWS", "SIZE", "WHAT HAPPENS"],
          database.tables.map((table) => [
            table.table,
            table.rows,
            formatDecimalBytes(table.bytes),
            inConflict.has(table.table) ? "CONFLICT" : whatHappens(table),
          ]),
        ),
        `${formatCount(database.rows)} rows, ${formatDecimalBytes(database.bytes)} to fetch`,
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
        `${formatCount(media.files)} files, ${formatDecimalBytes(media.bytes)}`,
      ]
      : [],
    ...entries("Will not come back", plan.notRestored),
    ...plan.warnings.length === 0 ? [] : ["", "Warnings", ...plan.warnings.map((warning) => `  ${warning}`)],
    ...byReason("Conflicts", plan.conflicts),
  ].join("\n");
}

function whatHappens({ action, existingRows, reason, droppedColumns }: TablePlan): string {
  return [
    action === "stand-in" ? "create as plain columns: the target has no such table of the platform" : action,
    existingRows === "replace" && "DELETES the rows that are there",
    existingRows === "keep" && "keeps the rows that are there",
    action !== "stand-in" && reason,
    droppedColumns.length > 0 && `without columns ${droppedColumns.join(", ")}`,
  ].filter((part) => part).join("; ");
}

export function describeReport(report: RestoreReport, tookMs: number): string {
  const { database, media } = report;
  return [
    `Restored ${report.recoveryPoint} of ${report.project}: ${report.status}, ${formatDuration(tookMs)}`,
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
        `Files      ${formatCount(media.uploaded)} uploaded (${formatDecimalBytes(media.bytesUploaded)}), ` +
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

/** Groups entries by reason, because every table of a project may be in conflict for the same one. */
function byReason(title: string, list: readonly PlanEntry[]): string[] {
  if (list.length === 0) return [];
  const reasons = new Map<string, string[]>();
  for (const { kind, identity, reason } of list) {
    reasons.set(reason, [...reasons.get(reason) ?? [], `${kind} ${identity}`]);
  }
  return [
    "",
    title,
    ...[...reasons].map(([reason, names]) => `  ${reason}\n${formatWrapped("    ", names)}`),
  ];
}

import { isManaged, mayBeMade } from "./work.ts";
import { tableName } from "../format/sql_names.ts";
import type { PlanEntry, TablePlan } from "./plan.ts";
import type { RestoreRequest } from "./request.ts";
import type { ManifestTable } from "../format/manifest.ts";
import type { Target, TargetTable } from "./target.ts";

export interface TablesPlanned {
  readonly tables: readonly TablePlan[];
  readonly conflicts: readonly PlanEntry[];
  readonly notRestored: readonly PlanEntry[];
}

/** Decides what happens to each table, and which conflicts prevent it. */
export function planTables(
  wanted: readonly ManifestTable[],
  target: Target,
  request: RestoreRequest,
): TablesPlanned {
  const found = new Map(target.tables.map((table) => [tableName(table), table]));
  const conflicts: PlanEntry[] = [];
  const notRestored: PlanEntry[] = [];
  const tables = wanted.map((table) => {
    const name = tableName(table);
    const there = found.get(name);
    const conflict = (reason: string) => conflicts.push({ kind: "table", identity: name, reason });
    if (!there) {
      const missing = planMissing(table, target, request);
      if (missing.action === "skip") {
        if (request.dataOnly && !isManaged(table)) {
          conflict("The target has no such table. Restore it without data-only.");
        } else if (table.rows > 0) notRestored.push({ kind: "table", identity: name, reason: missing.reason! });
      }
      return { ...missing, columns: columnsInRows(table), droppedColumns: [] };
    }
    if (!isManaged(table) && !request.dataOnly && !request.tables?.includes(name)) {
      conflict("The target has a table of this name already. Restore into an empty project, or rows only (data-only).");
    }
    const columns = planColumns(table, there, target.isProject);
    if (columns.dropped.length > 0) {
      const reason = `The target's table has no column ${columns.dropped.join(", ")}.`;
      if (!isManaged(table)) conflict(reason);
      else if (table.rows > 0) notRestored.push({ kind: "columns", identity: name, reason });
    }
    if (columns.unfilled.length > 0 && table.rows > 0) {
      conflict(`Column ${columns.unfilled.join(", ")} of the target must have a value, and the backup holds none.`);
    }
    if (there.hasRows && request.existing !== "keep" && request.existing !== "replace" && table.kind === "table") {
      conflict("The target's table has rows. Say whether they are to be kept or replaced.");
    }
    if (there.firingTriggers.length > 0 && !there.owned) {
      conflict(
        `Its triggers (${
          there.firingTriggers.map(({ name }) => name).join(", ")
        }) would fire and this role may not switch ` +
          "them off. Drop them, restore, and make them again.",
      );
    }
    return {
      table: name,
      rows: table.rows,
      bytes: table.bytes,
      action: "load",
      reason: null,
      existingRows: !there.hasRows ? "none" : request.existing === "replace" ? "replace" : "keep",
      columns: columns.loaded,
      droppedColumns: columns.dropped,
    } satisfies TablePlan;
  });
  return { tables, conflicts, notRestored };
}

function planMissing(
  table: ManifestTable,
  target: Target,
  request: RestoreRequest,
): Omit<TablePlan, "columns" | "droppedColumns"> {
  const common = { table: tableName(table), rows: table.rows, bytes: table.bytes, existingRows: "none" } as const;
  if (isManaged(table)) {
    return !target.isProject || mayBeMade(table)
      ? {
        ...common,
        action: "stand-in",
        reason: "The target has no such table of the platform: plain columns are made.",
      }
      : { ...common, action: "skip", reason: "The platform of the target has no such table." };
  }
  return request.dataOnly
    ? { ...common, action: "skip", reason: "The target has no such table." }
    : { ...common, action: "create", reason: null };
}

function planColumns(
  table: ManifestTable,
  there: TargetTable,
  isProject: boolean,
): { loaded: string[]; dropped: string[]; unfilled: string[] } {
  const names = new Map(there.columns.map((column) => [column.name, column]));
  const inRows = columnsInRows(table);
  // On a plain PostgreSQL missing columns of the platform's tables are added.
  const fits = (name: string) => {
    const column = names.get(name);
    return column ? column.generated !== "stored" && column.generated !== "virtual" : isManaged(table) && !isProject;
  };
  const loaded = inRows.filter(fits);
  // The target computes generated columns, so their values are not lost.
  const dropped = inRows.filter((name) => !names.has(name) && !fits(name));
  return { loaded, dropped, unfilled: there.requiredColumns.filter((name) => !loaded.includes(name)) };
}

function columnsInRows(table: ManifestTable): string[] {
  return table.columns.filter((column) => column.inRows).map((column) => column.name);
}

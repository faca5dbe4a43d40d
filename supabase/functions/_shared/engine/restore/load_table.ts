import type { Session } from "../database.ts";
import { asLifeboatError, LifeboatError } from "../errors.ts";
import { decodeJsonExpression } from "../format/column_encoding.ts";
import type { PlacedMember } from "../format/member.ts";
import { quoteIdentifier, quoteTable, tableName } from "../format/sql_names.ts";
import { allSettledOrFirstFailure, type Loaders } from "./loaders.ts";
import type { TablePlan } from "./plan.ts";
import type { OpenPoint } from "../points/open_point.ts";
import { placedMembers, type PointReader } from "../points/read_members.ts";
import type { RestoreSteps } from "./restore_state.ts";
import type { ManifestTable } from "../format/manifest.ts";
import { readTableRows, type RowBlock } from "../points/read_rows.ts";
import type { TargetTable } from "./target.ts";

export interface TableLoad {
  readonly planned: TablePlan;
  readonly table: ManifestTable;
  /** The table as it is in the target now. */
  readonly there: TargetTable;
  /** Most bytes of JSON for one transaction. */
  readonly bytesPerStep: number;
}

/** Object id of the type json. */
const JSON_TYPE = 114;

/** Most bytes of JSON for one transaction, and so the most that a restore repeats after it was cut off. */
export const BYTES_PER_STEP = 64 * 1024 * 1024;

/**
 * Restores the rows of one table, some members in each transaction together with their marks. The first transaction
 * checks that the table is as the plan found it; with `replace` it also deletes the rows there. The others follow in
 * parallel, as many at once as there are loaders.
 *
 * Throws `backup_damaged`, `restore_rows_failed`, `target_changed`, and what bucket and database throw.
 */
export async function loadTable(
  reader: PointReader,
  point: OpenPoint,
  loaders: Loaders,
  steps: RestoreSteps,
  load: TableLoad,
  report: (rows: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const { planned, table, there } = load;
  const name = tableName(table);
  const sql = insertRowsSql(load);
  const members = placedMembers(point.manifest, name);
  const loaded = loadedMembers(steps);
  const isBegun = members.some(({ index }) => loaded.has(index));
  report(members.reduce((sum, { member, index }) => sum + (loaded.has(index) ? member.rows : 0), 0));

  const loadGroup = (group: readonly PlacedMember[], isFirst: boolean, signal?: AbortSignal) =>
    loaders.run(async ({ session, steps }) => {
      const indexes = group.map(({ index }) => index);
      await steps.run(`members/${indexes[0]}-${indexes.at(-1)}`, async () => {
        if (isFirst) await prepareTable(session, planned, there, signal);
        await withoutTriggers(session, there, async () => {
          for await (const block of readTableRows(reader, point, table, { only: new Set(indexes) }, signal)) {
            await insertBlock(session, sql, planned, block, name, signal);
          }
        }, signal);
      }, signal);
      report(group.reduce((sum, { member }) => sum + member.rows, 0));
    }, signal);

  const groups = groupMembers(members.filter(({ index }) => !loaded.has(index)), load.bytesPerStep);
  const first = isBegun ? undefined : groups.shift();
  if (first) await loadGroup(first, true, signal);
  if (there.firingTriggers.length > 0) {
    // Switching triggers off locks the table, so parallel loaders would only wait for each other.
    for (const group of groups) await loadGroup(group, false, signal);
  } else {
    await allSettledOrFirstFailure(groups.map((group) => (signal) => loadGroup(group, false, signal)), signal);
  }
}

/**
 * Positions in the manifest of members whose rows are in the target. Marks name single members, so that a later run
 * with smaller or larger transactions can use them.
 */
function loadedMembers(steps: RestoreSteps): Set<number> {
  const loaded = new Set<number>();
  for (const key of steps.keys()) {
    const [, first, last] = /^members\/(\d+)-(\d+)$/.exec(key) ?? [];
    for (let index = Number(first); index <= Number(last); index++) loaded.add(index);
  }
  return loaded;
}

/** Divides members into transactions. */
function groupMembers(members: readonly PlacedMember[], bytesPerStep: number): PlacedMember[][] {
  const groups: PlacedMember[][] = [];
  let bytes = Infinity;
  for (const placed of members) {
    const { rawLength } = placed.member;
    if (bytes + rawLength > bytesPerStep) {
      groups.push([]);
      bytes = 0;
    }
    groups[groups.length - 1].push(placed);
    bytes += rawLength;
  }
  return groups;
}

async function prepareTable(
  session: Session,
  planned: TablePlan,
  there: TargetTable,
  signal?: AbortSignal,
): Promise<void> {
  if (planned.existingRows === "keep") return;
  if (planned.existingRows === "replace") {
    // TRUNCATE would refuse, or also empty the tables whose foreign keys refer to this one.
    return void await withoutTriggers(
      session,
      there,
      () => session.query(`delete from only ${quoteTable(there)}`, undefined, signal),
      signal,
    );
  }
  const [{ filled }] = await session.query<{ filled: boolean }>(
    `select exists (select from only ${quoteTable(there)}) as filled`,
    undefined,
    signal,
  );
  if (!filled) return;
  throw new LifeboatError({
    code: "target_changed",
    kind: "conflict",
    message: `Table ${tableName(there)} of the target has rows that were not there when the restore was planned.`,
    hint:
      "Somebody else writes to the target. Stop that, empty the table or start from an empty project, and plan again.",
    operation: "restore.rows",
    subject: tableName(there),
  });
}

/** Disables triggers that fire in spite of session_replication_role, or all where the role may not set it. */
async function withoutTriggers(
  session: Session,
  there: TargetTable,
  work: () => Promise<unknown>,
  signal?: AbortSignal,
): Promise<void> {
  const alter = (change: string) => session.query(`alter table only ${quoteTable(there)} ${change}`, undefined, signal);
  for (const { name } of there.firingTriggers) await alter(`disable trigger ${quoteIdentifier(name)}`);
  await work();
  for (const { name, enable } of there.firingTriggers) await alter(`${enable} trigger ${quoteIdentifier(name)}`);
}

async function insertBlock(
  session: Session,
  sql: string,
  planned: TablePlan,
  block: RowBlock,
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(block.lines);
  let loaded: string;
  try {
    [{ loaded }] = await session.query<{ loaded: string }>(sql, [`[${text}]`], signal);
  } catch (error) {
    if (signal?.aborted) throw error;
    const cause = asLifeboatError(error);
    if (cause.kind === "transient") throw cause;
    throw rowsFailed(
      name,
      `Rows of table ${name} (member ${block.member}) could not be loaded. ${cause.message}`,
      cause,
    );
  }
  if (Number(loaded) === block.rows || planned.existingRows === "keep") return;
  throw rowsFailed(name, `Table ${name} took ${loaded} of ${block.rows} rows of member ${block.member}.`);
}

function rowsFailed(subject: string, message: string, cause?: unknown): LifeboatError {
  return new LifeboatError({
    code: "restore_rows_failed",
    kind: "permanent",
    message,
    hint: "Mend the cause that PostgreSQL names, then run the same command again: it continues with this table.",
    operation: "restore.rows",
    subject,
    cause,
  });
}

/**
 * SQL that inserts a JSON array of rows (`$1`, text). json_to_record converts each value from text by the input
 * function of the target's type, while a cast from text could be a user's own. No number passes through JavaScript.
 */
export function insertRowsSql({ planned, table, there }: Omit<TableLoad, "bytesPerStep">): string {
  const encodings = new Map(table.columns.map((column) => [column.name, column.encoding]));
  const found = new Map(there.columns.map((column) => [column.name, column]));
  const columns = loadedColumns(planned, there).map((name) => {
    const { type, baseType } = found.get(name)!;
    const quoted = quoteIdentifier(name);
    const value = `found.${quoted}`;
    if (encodings.get(name) === "json") {
      // Taken as text, a JSON string would lose its quotes and the string "null" would become null.
      return { quoted, definition: "pg_catalog.json", value: `(${decodeJsonExpression(value)})::${type}` };
    }
    // A json value stands as text in a JSON string; taken as json it would stay a string.
    return baseType === JSON_TYPE
      ? { quoted, definition: "pg_catalog.text", value: `${value}::${type}` }
      : { quoted, definition: type, value };
  });
  const list = (part: (column: typeof columns[number]) => string) => columns.map(part).join(", ");
  const rows = "from pg_catalog.json_array_elements($1::pg_catalog.json) as given(line)";
  const into = `insert into ${quoteTable(there)}`;
  const insert = columns.length === 0
    ? `${into} select ${rows}`
    : `${into} (${list(({ quoted }) => quoted)}) overriding system value select ${
      list(({ value }) => value)
    } ${rows} ` +
      `cross join lateral pg_catalog.json_to_record(given.line) ` +
      `as found(${list(({ quoted, definition }) => `${quoted} ${definition}`)})`;
  const conflict = planned.existingRows === "keep" ? " on conflict do nothing" : "";
  return `with loaded as (${insert}${conflict} returning 1) select pg_catalog.count(*)::text as loaded from loaded`;
}

/** Columns that the target does not compute. Whether a stand-in computes one only shows once it is made. */
function loadedColumns(planned: TablePlan, there: TargetTable): string[] {
  const computed = new Set(
    there.columns.filter(({ generated }) => generated === "stored" || generated === "virtual").map(({ name }) => name),
  );
  return planned.columns.filter((name) => !computed.has(name));
}

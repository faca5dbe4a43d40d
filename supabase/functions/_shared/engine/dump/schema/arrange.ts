import { type Edge, groupsInOrder } from "./order.ts";
import { type FamilyRow } from "./statement.ts";
import { type Section, sectionOf } from "../../format/schema_statement.ts";

export const SECTIONS: readonly Section[] = ["pre-data", "post-data", "foreign-keys", "activation"];

export interface Arranged {
  readonly section: Section;
  readonly row: FamilyRow;
  readonly sql: string;
}

export interface Arrangement {
  readonly statements: Arranged[];
  /** Circles that no stand-in breaks. Their statements are in the list, but not all of them can be applied. */
  readonly circles: FamilyRow[][];
}

/**
 * Orders the statements so that each finds the objects it needs. A statement that needs one of a later section moves
 * there: a view that groups by a primary key can only be made once the key exists.
 */
export function arrange(rows: readonly FamilyRow[], edges: readonly Edge[]): Arrangement {
  const statements: Arranged[] = [];
  const circles: FamilyRow[][] = [];
  const section = new Int32Array(rows.length);
  const after: number[][] = rows.map(() => []);
  for (const edge of edges) after[edge.statement].push(edge.after);

  for (const group of groupsInOrder(rows.length, edges)) {
    const needs = group.flatMap((node) => after[node]).filter((node) => !group.includes(node));
    const least = Math.max(0, ...needs.map((node) => section[node]));
    for (const node of group) section[node] = Math.max(least, SECTIONS.indexOf(sectionOf(rows[node].kind)));
    if (group.length === 1) {
      statements.push(plain(rows[group[0]], section[group[0]]));
      continue;
    }
    const latest = Math.max(...group.map((node) => section[node]));
    for (const node of group) section[node] = latest;
    const circle = breakCircle(group.map((node) => rows[node]), group, edges, latest);
    statements.push(...circle.statements);
    if (!circle.isBroken) circles.push(group.map((node) => rows[node]));
  }
  statements.sort((a, b) => SECTIONS.indexOf(a.section) - SECTIONS.indexOf(b.section));
  return { statements: refreshInOrder(statements), circles };
}

function plain(row: FamilyRow, section: number): Arranged {
  return { section: SECTIONS[section], row, sql: row.sql ?? "" };
}

/** Stand-ins first, then the statements that use them, then each view in its true form once all it needs exists. */
function breakCircle(rows: readonly FamilyRow[], group: readonly number[], edges: readonly Edge[], section: number) {
  const position = new Map(group.map((node, index) => [node, index]));
  const inner: Edge[] = [];
  for (const edge of edges) {
    const statement = position.get(edge.statement);
    const target = position.get(edge.after);
    if (statement !== undefined && target !== undefined && !rows[target].stub) inner.push({ statement, after: target });
  }
  const stubs = rows.filter((row) => row.stub).map((row) => ({ section: SECTIONS[section], row, sql: row.stub ?? "" }));
  const groups = groupsInOrder(rows.length, inner);
  const rest = groups.flat().map((index) => {
    const { row, sql, section: name } = plain(rows[index], section);
    return { row, section: name, sql: row.stub ? sql.replace(/^create view/, "create or replace view") : sql };
  });
  return { statements: [...stubs, ...rest], isBroken: groups.every((inside) => inside.length === 1) };
}

/** Fills materialised views in the order in which they were made, since one may read another. */
function refreshInOrder(statements: readonly Arranged[]): Arranged[] {
  const made = new Map(statements.map(({ row }, index) => [row.address?.split(" ", 1)[0], index]));
  const place = ({ row }: Arranged) => made.get(row.needs ?? undefined) ?? 0;
  const isRefresh = ({ row }: Arranged) => row.kind === "materialized view data";
  const refreshes = statements.filter(isRefresh).sort((a, b) => place(a) - place(b));
  return statements.map((statement) => isRefresh(statement) ? refreshes.shift()! : statement);
}

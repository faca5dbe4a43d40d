import type { Session } from "../database.ts";
import { tableName } from "../format/sql_names.ts";
import type { PointSchema } from "../format/document_ends.ts";
import type { OpenPoint } from "../points/open_point.ts";
import { formatNames } from "./target.ts";

/**
 * Adds to tables named in a request their partitions, which hold the rows. `named` and the result are names as in the
 * dump.
 */
export async function withPartitions(
  session: Session,
  { manifest }: OpenPoint,
  { statements }: PointSchema,
  named: readonly string[],
  signal?: AbortSignal,
): Promise<string[]> {
  const formatted = await formatNames(session, manifest.tables, signal);
  const tables = manifest.tables.map((table, index) => ({ name: tableName(table), formatted: formatted[index] }));
  const attached = statements.filter(({ kind }) => kind === "partition");
  const meant = new Set<string>();
  const add = (name: string) => {
    if (meant.has(name)) return;
    meant.add(name);
    const parent = tables.find((table) => table.name === name);
    const attach = `alter table only ${parent?.formatted} attach partition `;
    for (const { identity } of attached.filter(({ sql }) => sql.startsWith(attach))) {
      const child = tables.find((table) => table.formatted === identity);
      if (child) add(child.name);
    }
  };
  named.forEach(add);
  return [...meant];
}

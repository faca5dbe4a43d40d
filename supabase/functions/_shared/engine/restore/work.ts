import { LifeboatError } from "../errors.ts";
import { PLATFORM_SCHEMAS } from "../catalogue/platform.ts";
import type { SchemaStatement, Section } from "../format/schema_statement.ts";
import { tableName } from "../format/sql_names.ts";
import type { DatabasePlan } from "./plan.ts";
import type { PointSchema } from "../format/document_ends.ts";
import type { OpenPoint } from "../points/open_point.ts";
import type { RestoreRequest } from "./request.ts";
import { selectStatements, type StatementScope } from "./select_statements.ts";
import type { ManifestTable } from "../format/manifest.ts";

/** True for tables that the platform makes: they are loaded, but never made from the backup's statements. */
export function isManaged(table: { readonly schema: string }): boolean {
  return PLATFORM_SCHEMAS.includes(table.schema);
}

/** Only `supabase_migrations` may be made by any role; the platform's own roles make the rest. */
export function mayBeMade(table: { readonly schema: string }): boolean {
  return table.schema === "supabase_migrations";
}

/** The tables that a request names, in an order that satisfies foreign keys. Throws `restore_scope_unknown`. */
export function requestedTables(request: RestoreRequest, { manifest }: OpenPoint): ManifestTable[] {
  const schemas = new Set(manifest.tables.map((table) => table.schema));
  const names = new Set(manifest.tables.map(tableName));
  const unknown = [
    ...(request.schemas ?? []).filter((schema) => !schemas.has(schema)).map((schema) => `schema ${schema}`),
    ...(request.tables ?? []).filter((table) => !names.has(table)).map((table) => `table ${table}`),
  ];
  if (unknown.length > 0) {
    throw new LifeboatError({
      code: "restore_scope_unknown",
      kind: "missing",
      message: `The recovery point holds no ${unknown.join(", no ")}.`,
      hint: "`npm run lifeboat -- show` lists what it holds. Tables outside of public are named schema.table.",
      operation: "restore.plan",
    });
  }
  const all = request.schemas === undefined && request.tables === undefined;
  return manifest.tables
    .filter((table) => all || request.schemas?.includes(table.schema) || request.tables?.includes(tableName(table)))
    .sort((a, b) => a.loadOrder - b.loadOrder);
}

/** Sections in the order of application. `activation` comes later, on demand. */
export const APPLIED_SECTIONS: readonly Section[] = ["pre-data", "post-data", "foreign-keys"];

/** The statements of a section that a plan applies. For a request of single tables, only those of missing tables. */
export function plannedStatements(
  schema: PointSchema,
  section: Section,
  request: RestoreRequest,
  createdNames: readonly string[],
): SchemaStatement[] {
  const scopes = statementScopes(request, createdNames);
  const wanted = new Set(scopes.flatMap((scope) => selectStatements(schema.statements, section, scope)));
  return schema.statements.filter((statement) =>
    wanted.has(statement) && !(request.scratch && isServerWide(statement))
  );
}

/** Whether a setting or membership affects the whole server. Settings of a role in one database name that database. */
function isServerWide({ kind, sql }: SchemaStatement): boolean {
  return kind === "role membership" || kind === "setting" && !sql.includes("current_database()");
}

function statementScopes(request: RestoreRequest, createdNames: readonly string[]): StatementScope[] {
  if (request.dataOnly) return [];
  if (request.schemas === undefined && request.tables === undefined) return [{ kind: "all" }];
  return [
    ...(request.schemas ? [{ kind: "schemas", names: request.schemas } as const] : []),
    ...(createdNames.length > 0 ? [{ kind: "tables", names: createdNames } as const] : []),
  ];
}

/** The manifest's entry of each table that a plan loads, in the plan's order. */
export function plannedTables(plan: DatabasePlan, { manifest }: OpenPoint) {
  const byName = new Map(manifest.tables.map((table) => [tableName(table), table]));
  return plan.tables.flatMap((planned) => {
    const table = byName.get(planned.table);
    return planned.action === "skip" || table === undefined ? [] : [{ planned, table }];
  });
}

import type { SchemaStatement, Section } from "../format/schema_statement.ts";

/** The part of a point's schema to apply: all of it, that of some schemas, or that of some tables. */
export type StatementScope =
  | { readonly kind: "all" }
  | { readonly kind: "schemas"; readonly names: readonly string[] }
  /** Qualified names as SQL writes them, such as `public."My table"`. */
  | { readonly kind: "tables"; readonly names: readonly string[] };

/** Kinds that a part of a schema may need, and whose statements do nothing where the object exists. */
const SHARED_KINDS: ReadonlySet<string> = new Set(["role", "role membership", "extension"]);

/** The statements of one section, without the session settings at its start. */
export function selectStatements(
  statements: readonly SchemaStatement[],
  section: Section,
  scope: StatementScope,
): SchemaStatement[] {
  return statements.filter((statement) =>
    statement.section === section && statement.kind !== "session" && isInScope(statement, scope, statements)
  );
}

/** The session settings under which statements are applied. */
export function sessionSettings(statements: readonly SchemaStatement[]): string[] {
  return [...new Set(statements.filter(({ kind }) => kind === "session").map(({ sql }) => sql))];
}

function isInScope(
  statement: SchemaStatement,
  scope: StatementScope,
  statements: readonly SchemaStatement[],
): boolean {
  if (scope.kind === "all") return true;
  if (scope.kind === "schemas") {
    return SHARED_KINDS.has(statement.kind) || scope.names.some((name) => isOfSchema(statement, name));
  }
  return scope.names.some((name) => isOfTable(statement, name, statements));
}

/** Matches `name.thing`, `key on name.table`, `table name.thing`, `schema name`, `tables in name`. */
function isOfSchema({ kind, identity }: SchemaStatement, schema: string): boolean {
  if (kind === "schema") return identity === schema;
  return identity === `schema ${schema}` || identity.endsWith(` in ${schema}`) ||
    identity.startsWith(`${schema}.`) || identity.includes(` ${schema}.`);
}

/** True for a table's own columns, keys, indexes, policies, grants and sequences. */
function isOfTable(statement: SchemaStatement, table: string, statements: readonly SchemaStatement[]): boolean {
  const { kind, identity, sql } = statement;
  if (identity === table || identity === `table ${table}` || identity.endsWith(` on ${table}`)) return true;
  if (kind.startsWith("column ") && identity.startsWith(`${table}.`)) return true;
  if (kind === "index") return sql.includes(` ON ${table} `) || sql.includes(` ON ONLY ${table} `);
  if (["index settings", "index partition"].includes(kind)) {
    return statements.some((other) =>
      (other.kind === "index" && other.identity === identity) && isOfTable(other, table, statements)
    );
  }
  if (kind.startsWith("sequence")) {
    return statements.some((other) =>
      other.kind === "sequence owner" && other.identity === identity && other.sql.includes(` owned by ${table}.`)
    );
  }
  return kind === "comment" && identity.startsWith(`column ${table}.`);
}

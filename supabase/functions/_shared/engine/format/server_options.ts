import type { SchemaStatement } from "./schema_statement.ts";

const QUOTED = `"(?:[^"]|"")*"`;
const SERVER_OPTION = new RegExp(`(${QUOTED})|pg_[a-z0-9_]+='[^']*'(?:, )?`, "g");
const TRAILING_COMMA = new RegExp(`(${QUOTED})|, (?=\\)|;$)`, "g");
const EMPTY_SET = new RegExp(`(${QUOTED})|alter column (?:${QUOTED}|[^" ]+) set \\(\\)(?:, )?`, "g");

/**
 * Removes column options with the prefix `pg_` from the statements of a recovery point. Lifeboat 0.1 wrote them into
 * its dumps, and without this a restore of such a point fails at its first table: the options are the server's own
 * (PostgreSQL 15.20 keeps `pg_attver` on every column), and no server accepts them in a statement.
 */
export function withoutServerOptions(statements: readonly SchemaStatement[]): SchemaStatement[] {
  return statements.flatMap((statement) => {
    if (statement.kind !== "column settings" || !statement.sql.includes("pg_")) return [statement];
    const sql = [SERVER_OPTION, TRAILING_COMMA, EMPTY_SET, TRAILING_COMMA]
      .reduce((text, pattern) => text.replace(pattern, (_, quoted?: string) => quoted ?? ""), statement.sql);
    return sql.endsWith(" ;") ? [] : [{ ...statement, sql }];
  });
}

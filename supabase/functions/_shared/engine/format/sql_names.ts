/**
 * As the dump names tables: `bookings` in `public`, `auth.users` elsewhere. A part with a dot or a quote in it is quoted
 * as in SQL, so that two tables never share a name.
 */
export function tableName(table: { readonly schema: string; readonly name: string }): string {
  const part = (name: string) => /[."]/.test(name) ? quoteIdentifier(name) : name;
  return table.schema === "public" ? part(table.name) : `${part(table.schema)}.${part(table.name)}`;
}

/** A quoted SQL reference. */
export function quoteTable(table: { readonly schema: string; readonly name: string }): string {
  return `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`;
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Doubles quotes and, where there is a backslash, says so as Postgres does. */
export function quoteLiteral(text: string): string {
  const quoted = text.replaceAll("'", "''");
  return text.includes("\\") ? `E'${quoted.replaceAll("\\", "\\\\")}'` : `'${quoted}'`;
}

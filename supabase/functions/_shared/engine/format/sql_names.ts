/**
 * The table's name as the dump writes it: `bookings` for a table of `public`, otherwise with its schema, `auth.users`.
 * A part that holds a dot or a double quote is quoted as in SQL, so that two tables never share a name.
 */
export function tableName(table: { readonly schema: string; readonly name: string }): string {
  const part = (name: string) => /[."]/.test(name) ? quoteIdentifier(name) : name;
  return table.schema === "public" ? part(table.name) : `${part(table.schema)}.${part(table.name)}`;
}

/** The table's name for use in SQL, qualified and quoted. */
export function quoteTable(table: { readonly schema: string; readonly name: string }): string {
  return `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`;
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * The text as an SQL string literal. One with a backslash is written as `E'…'`, which means the same under every server
 * setting.
 */
export function quoteLiteral(text: string): string {
  const quoted = text.replaceAll("'", "''");
  return text.includes("\\") ? `E'${quoted.replaceAll("\\", "\\\\")}'` : `'${quoted}'`;
}

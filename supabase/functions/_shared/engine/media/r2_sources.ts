import type { Session } from "../database.ts";

/** A table whose rows point at objects in R2. Columns that are absent here are looked for by their usual names. */
export interface R2Source {
  readonly schema: string;
  readonly table: string;
  readonly pathColumn?: string;
  readonly urlColumn?: string;
  readonly sizeColumn?: string;
  readonly keyColumn?: string;
}

export const DEFAULT_R2_SOURCES: readonly R2Source[] = [
  { schema: "public", table: "content_library" },
  { schema: "public", table: "booking_deliverables" },
];

/** In order of preference. */
const USUAL_NAMES = {
  path: ["r2_key", "r2_path", "storage_key", "storage_path", "object_key", "file_path", "file_key", "path"],
  url: ["r2_url", "file_url", "video_url", "media_url", "public_url", "url"],
  size: ["size_bytes", "file_size_bytes", "file_size", "size", "bytes"],
  key: ["id"],
};

/** A source as the database has it: what to read, or why there is nothing to read. */
export type FoundR2Source =
  | { readonly status: "found"; readonly name: string; readonly columns: R2Columns; readonly query: string }
  | { readonly status: "absent"; readonly name: string; readonly reason: string };

export interface R2Columns {
  readonly path: string | null;
  readonly url: string | null;
  readonly size: string | null;
  /** The primary key, or the column that was named. */
  readonly rowKey: readonly string[];
}

/** Looks a source up in the catalogue. A table or a named column that is not there is `absent`, never an error. */
export async function findR2Source(session: Session, source: R2Source, signal?: AbortSignal): Promise<FoundR2Source> {
  const name = `${source.schema}.${source.table}`;
  const rows = await session.query<{ column: string; relation: string; quoted: string; key: boolean }>(
    `select a.attname as column, quote_ident(n.nspname) || '.' || quote_ident(c.relname) as relation,
            quote_ident(a.attname) as quoted, coalesce(a.attnum = any (i.indkey::int2[]), false) as key
       from pg_catalog.pg_class c
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       left join pg_catalog.pg_index i on i.indrelid = c.oid and i.indisprimary
      where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'v', 'm', 'f')
      order by a.attnum`,
    [source.schema, source.table],
    signal,
  );
  if (rows.length === 0) return { status: "absent", name, reason: "There is no such table." };

  const quoted = new Map(rows.map((row) => [row.column, row.quoted]));
  const named = [source.pathColumn, source.urlColumn, source.sizeColumn, source.keyColumn]
    .filter((column) => column !== undefined);
  const missing = named.filter((column) => !quoted.has(column));
  if (missing.length > 0) {
    return { status: "absent", name, reason: `The table has no column ${missing.map((it) => `"${it}"`).join(", ")}.` };
  }
  const usual = (names: readonly string[]) => names.find((column) => quoted.has(column)) ?? null;
  // Whoever names one of the two means that one: the other is not guessed beside it.
  const guess = source.pathColumn === undefined && source.urlColumn === undefined;
  const path = source.pathColumn ?? (guess ? usual(USUAL_NAMES.path) : null);
  const url = source.urlColumn ?? (guess ? usual(USUAL_NAMES.url) : null);
  if (path === null && url === null) {
    return { status: "absent", name, reason: "The table has no column for a path or a URL; name one." };
  }
  const primary = rows.filter((row) => row.key).map((row) => row.column);
  const columns: R2Columns = {
    path,
    url,
    size: source.sizeColumn ?? usual(USUAL_NAMES.size),
    rowKey: source.keyColumn
      ? [source.keyColumn]
      : primary.length > 0
      ? primary
      : [usual(USUAL_NAMES.key) ?? []].flat(),
  };
  return { status: "found", name, columns, query: itemsQuery(rows[0].relation, columns, quoted) };
}

/** One row: path, url, size and the row's key as JSON text. Names are quoted by the server, values never built into it. */
function itemsQuery(relation: string, columns: R2Columns, quoted: ReadonlyMap<string, string>): string {
  const text = (column: string | null) => column === null ? "null::text" : `nullif(t.${quoted.get(column)}::text, '')`;
  const literal = (value: string) => `U&'${value.replace(/[^a-zA-Z0-9_]/gu, escaped)}'`;
  const key = columns.rowKey.map((column) => `${literal(column)}, t.${quoted.get(column)}::text`).join(", ");
  return `select ${text(columns.path)} as path, ${text(columns.url)} as url,
            lifeboat.digits(${text(columns.size)})::text as size, json_build_object(${key})::text as row
          from ${relation} t
          where ${text(columns.path)} is not null or ${text(columns.url)} is not null`;
}

/** A character as SQL's Unicode escape, which cannot end the literal. */
function escaped(character: string): string {
  return `\\+${character.codePointAt(0)!.toString(16).padStart(6, "0")}`;
}

import * as z from "zod";
import type { R2Source } from "../engine/media/r2_sources.ts";
import { MalformedValue, parseDottedNames, parseNames } from "./name_list.ts";
import { type ColumnName, json, parsed, type TableName, toTableName } from "./values.ts";

/** What the owner leaves out of the dump. */
export interface Exclusions {
  readonly tables: readonly TableName[];
  readonly columns: readonly ColumnName[];
}

/** `table`, `schema.table` or `schema.table.column`, separated by commas. */
export const exclusions: z.ZodType<Exclusions, string> = parsed((text) => {
  const tables: TableName[] = [];
  const columns: ColumnName[] = [];
  for (const [index, names] of parseDottedNames(text).entries()) {
    if (names.length > 3) throw new MalformedValue(`has more than schema.table.column in entry ${index + 1}`);
    if (names.length === 3) columns.push({ ...toTableName(names), column: names[2] });
    else tables.push(toTableName(names));
  }
  return { tables, columns };
});

/** Schemas of the platform, which Lifeboat always captures in a special way. */
const MANAGED_SCHEMAS = ["auth", "storage"];

export const schemas: z.ZodType<readonly string[], string> = parsed((text) => {
  const names = parseNames(text);
  if (names.some((name) => MANAGED_SCHEMAS.includes(name))) {
    throw new MalformedValue("must not name auth or storage, whose data is always part of a backup");
  }
  if (names.some((name) => name === "information_schema" || name.startsWith("pg_"))) {
    throw new MalformedValue("must not name PostgreSQL's own schemas, which cannot be restored");
  }
  return names;
});

export const buckets: z.ZodType<readonly string[], string> = parsed(parseNames);

const column = z.string("must be text").trim().min(1, "must not be empty").optional();

const r2Source = z.strictObject({
  table: parsed((text) => {
    const entries = parseDottedNames(text);
    if (entries.length !== 1 || entries[0].length > 2) throw new MalformedValue("must be table or schema.table");
    return toTableName(entries[0]);
  }),
  path: column,
  url: column,
  size: column,
  key: column,
}, { error: (issue) => issue.code === "unrecognized_keys" ? "has an unknown field" : "must be an object with a table" })
  .transform(({ table, path, url, size, key }): R2Source => ({
    ...table,
    ...(path && { pathColumn: path }),
    ...(url && { urlColumn: url }),
    ...(size && { sizeColumn: size }),
    ...(key && { keyColumn: key }),
  }));

export const r2Sources: z.ZodType<readonly R2Source[], string> = json(
  z.array(r2Source, "must be a list"),
  "a JSON list of objects with table and path, url, size, key (columns)",
);

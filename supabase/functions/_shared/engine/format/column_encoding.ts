import type { ColumnEncoding } from "../../contract/mod.ts";

/** What decides how a column is written: the column's type, or for a domain the type that the domain is based on. */
export interface ColumnType {
  /** Object id of the base type. */
  readonly baseType: number;
  /** True for arrays, composites, ranges and multiranges, which JSON would flatten. */
  readonly structured: boolean;
}

/** Object ids below this are assigned by hand in PostgreSQL's source and never change. */
const FIRST_EXTENSION_TYPE = 16_384;

const NUMBERS: ReadonlySet<number> = new Set([21, 23, 700, 701]); // int2, int4, float4, float8
const BOOLEAN = 16;
const JSONB = 3802;
/** int8 and numeric, of which JSON.parse would lose digits; json, whose text is its value and may hold raw newlines. */
const TEXT_OF: ReadonlySet<number> = new Set([20, 1700, 114]);

/** The encoding that the manifest names for a column of this type. */
export function columnEncoding(type: ColumnType): ColumnEncoding {
  if (type.structured) return "string";
  if (NUMBERS.has(type.baseType)) return "number";
  if (type.baseType === BOOLEAN) return "boolean";
  return type.baseType === JSONB ? "json" : "string";
}

/**
 * The SQL expression that `row_to_json` gets for a column. `column` is a quoted reference to the column.
 *
 * - Built-in scalars are passed unchanged: row_to_json writes what their output function returns.
 * - Structured types are cast to text, since JSON would lose array bounds and field types.
 * - Types of users and extensions must not be cast: hstore and PostGIS have casts to text and to json whose result
 *   cannot be read back. `format` calls the output function instead. `num_nulls` decides what is NULL, because `is
 *   null` is also true for a composite value whose fields are all null.
 * - jsonb needs a mark, because a jsonb `null` would look like SQL NULL: it becomes `{"$lifeboat":"null"}`, and an
 *   object that has a key `$lifeboat` itself becomes `{"$lifeboat":"value","value":…}`.
 */
export function encodeExpression(type: ColumnType, column: string): string {
  if (type.baseType >= FIRST_EXTENSION_TYPE) {
    return `case when pg_catalog.num_nulls(${column}) = 0 then pg_catalog.format('%s', ${column}) end`;
  }
  if (type.structured || TEXT_OF.has(type.baseType)) return `${column}::text`;
  if (type.baseType === JSONB) {
    return `case pg_catalog.jsonb_typeof(${column}) ` +
      `when 'null' then '{"$lifeboat":"null"}'::jsonb ` +
      `when 'object' then case when ${column}::jsonb OPERATOR(pg_catalog.?) '$lifeboat' ` +
      `then pg_catalog.jsonb_build_object('$lifeboat', 'value', 'value', ${column}) else ${column} end ` +
      `else ${column} end`;
  }
  return column;
}

/**
 * SQL that undoes the `$lifeboat` marks of encoding `json`. `value` is an expression of type json. It must be SQL NULL
 * where the row holds `null`, as json_to_record makes it.
 */
export function decodeJsonExpression(value: string): string {
  return `case ${value} ->> '$lifeboat' when 'null' then 'null'::jsonb ` +
    `when 'value' then (${value} -> 'value')::jsonb else ${value}::jsonb end`;
}

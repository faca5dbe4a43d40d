import type { ColumnEncoding } from "../../contract/mod.ts";

/** What decides how a column is written: its type with domains taken off. */
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
/** int8 and numeric (JSON.parse would lose digits), json (its text may hold raw newlines, and its bytes are its value). */
const TEXT_OF: ReadonlySet<number> = new Set([20, 1700, 114]);

export function columnEncoding(type: ColumnType): ColumnEncoding {
  if (type.structured) return "string";
  if (NUMBERS.has(type.baseType)) return "number";
  if (type.baseType === BOOLEAN) return "boolean";
  return type.baseType === JSONB ? "json" : "string";
}

/**
 * The SQL expression that `row_to_json` is given for a column, from a quoted reference to it.
 *
 * Built-in scalars go as they are: row_to_json writes what their output function says. Structured types are cast, since
 * JSON would lose array bounds and field types.
 * A type of a user or an extension may have casts to text and to json that say anything (hstore and PostGIS have some that
 * cannot be read back), so `format` asks its output function; `num_nulls` because a composite of nulls `is null` too.
 * A jsonb `null` would be the same as SQL NULL: it becomes `{"$lifeboat":"null"}`, and an object that has a key
 * `$lifeboat` itself becomes `{"$lifeboat":"value","value":…}`.
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

/** The reverse for encoding `json`: SQL over an expression of type json that is not SQL NULL for JSON null. */
export function decodeJsonExpression(value: string): string {
  return `case ${value} ->> '$lifeboat' when 'null' then 'null'::jsonb ` +
    `when 'value' then (${value} -> 'value')::jsonb else ${value}::jsonb end`;
}

/**
 * Tables and parameters for the queries of all families: $1 schemas in scope, $2 platform schemas, $3 platform roles,
 * $4 roles of the API, $5 platform extensions, $6 platform publications, $7 platform schemas with functions for users'
 * triggers. Unused tables cost nothing, and parsing them gives the parameters their types.
 */
export const SCOPE_CTES = `
  scope as (select oid, nspname from pg_namespace where nspname = any($1::text[])),
  platform as (select oid, nspname from pg_namespace where nspname = any($2::text[])),
  platform_role as (select oid, rolname from pg_roles where rolname = any($3::text[]) or starts_with(rolname, 'pg_')),
  api_role as (select oid, rolname from pg_roles where rolname = any($4::text[])),
  platform_extension as (select unnest($5::text[]) as extname),
  platform_publication as (select unnest($6::text[]) as pubname),
  shared_function_schema as (select oid from pg_namespace where nspname = any($7::text[])),
  me as (select oid, rolname from pg_roles where rolname = current_user)`;

/** SQL: true where the object belongs to an extension, which will bring it back. */
export function isMember(catalogue: string, oid: string): string {
  return `exists (select from pg_depend membership where membership.classid = '${catalogue}'::regclass
    and membership.objid = ${oid} and membership.deptype = 'e')`;
}

/** SQL: `name='value', …` from an array of `name=value`, or null; `prefix` is put before each name. */
export function optionList(array: string, prefix = ""): string {
  return `(select string_agg(format('${prefix}%I=%L', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), ', ' order by i)
    from unnest(${array}) with ordinality x(o, i))`;
}

/** SQL: `name 'value', …` from an array of foreign data options, or null. */
export function foreignOptionList(array: string): string {
  return `(select string_agg(format('%I %L', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), ', ' order by i)
    from unnest(${array}) with ordinality x(o, i))`;
}

/** SQL: the options of a sequence in pg_sequence with alias `s`. */
export const SEQUENCE_OPTIONS = `format('start with %s increment by %s minvalue %s maxvalue %s cache %s%s',
    s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, case when s.seqcycle then ' cycle' else ' no cycle' end)`;

/** SQL: `schema.name` of an oid in a catalogue with a namespace. */
export function qualified(catalogue: string, prefix: string, oid: string): string {
  return `(select format('%I.%I', qn.nspname, q.${prefix}name) from pg_${catalogue} q
    join pg_namespace qn on qn.oid = q.${prefix}namespace where q.oid = ${oid})`;
}

/** SQL: `schema.function` of an oid, as definitions name support functions. */
export const functionName = (oid: string): string => qualified("proc", "pro", oid);
/** SQL: `schema.collation` of an oid. */
export const collationName = (oid: string): string => qualified("collation", "coll", oid);
/** SQL: `operator(schema.+)` of an oid. */
export function operatorName(oid: string): string {
  return `(select format('operator(%I.%s)', qn.nspname, q.oprname) from pg_operator q
    join pg_namespace qn on qn.oid = q.oprnamespace where q.oid = ${oid})`;
}

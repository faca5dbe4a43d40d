import { runSql } from "../support/postgres.ts";

interface Counted {
  readonly table: string;
  readonly column: string;
  /** The SQL expression for the column's next value. */
  readonly next: string;
  /** The table's other columns that take values. */
  readonly others: string;
}

const COUNTED = `set search_path = '';
  select c.oid::regclass::text as table, quote_ident(a.attname) as column,
    case when a.attidentity <> '' then format('nextval(pg_get_serial_sequence(%L, %L))', c.oid::regclass, a.attname)
      else pg_get_expr(d.adbin, d.adrelid) end as next,
    (select string_agg(quote_ident(o.attname), ', ') from pg_attribute o
      where o.attrelid = c.oid and o.attnum > 0 and not o.attisdropped and o.attgenerated = '' and o.attnum <> a.attnum) as others
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  where c.relkind in ('r', 'p') and not c.relispartition
    and c.relnamespace in (select oid from pg_namespace where nspname !~ '^(pg_|information_schema|auth|storage|lifeboat)')
    and (a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) ~ 'nextval')`;

/**
 * Inserts a copy of a row into every table that has a column with a sequence or an identity, and lets the database
 * choose that column's value. Triggers are off, and everything is rolled back. Where a key of another column refuses
 * the copy, the next value must still be free. Throws PostgreSQL's errors. Returns the number of columns.
 */
export async function insertEverywhere(superuserUrl: string): Promise<number> {
  const counted = await runSql<Counted>(superuserUrl, COUNTED);
  for (const { table, column, next, others } of counted) {
    const insert = others === null
      ? `insert into ${table} default values`
      : `insert into ${table} (${others}) select ${others} from ${table} limit 1`;
    await runSql(
      superuserUrl,
      `begin; set local session_replication_role = replica; do $try$ begin
         ${insert};
       exception when unique_violation or exclusion_violation then
         if exists (with given as materialized (select ${next} as value)
           select from ${table} as present join given on given.value = present.${column}) then raise; end if;
       end $try$; rollback`,
    );
  }
  return counted.length;
}

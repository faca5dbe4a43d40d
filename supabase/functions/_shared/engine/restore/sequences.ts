import type { Session } from "../database.ts";
import type { SequenceValue } from "../format/schema_statement.ts";

interface Place {
  readonly schema: string;
  readonly name: string;
}

/**
 * Moves the sequences of tables that existed before the restore past every value in use: the recorded one, the target's
 * own, and the largest in the column. Never backwards, so that kept rows stay safe. A sequence fills a column that owns
 * it, or whose default takes its numbers. (Sequences that the restore makes get exact values by the backup's
 * statements.)
 */
export async function advanceSequences(
  session: Session,
  tables: readonly Place[],
  recorded: readonly SequenceValue[],
  signal?: AbortSignal,
): Promise<void> {
  const moves = await session.query<{ statement: string }>(
    `select pg_catalog.format(
       'select pg_catalog.setval(%L, %s(s.last_value, %s, t.edge), true) from %I.%I s, (select %s as edge) t
        where t.edge is not null or %L',
       pg_catalog.format('%I.%I', sn.nspname, sc.relname), f.pick, coalesce(r.value, 'null'), sn.nspname, sc.relname,
       case when a.atttypid in ('int2'::pg_catalog.regtype, 'int4'::pg_catalog.regtype, 'int8'::pg_catalog.regtype)
         then pg_catalog.format('(select %s(%I) from only %I.%I)', f.edge, a.attname, n.nspname, c.relname)
         else 'null::bigint' end, r.value is not null) as statement
     from unnest($1::text[], $2::text[]) as given(schema, name)
     join pg_catalog.pg_namespace n on n.nspname = given.schema
     join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = given.name
     cross join lateral (
       select d.objid as sequence, d.refobjsubid as column from pg_catalog.pg_depend d
       where d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = c.oid
         and d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.deptype in ('a', 'i')
       union
       select d.refobjid, v.adnum from pg_catalog.pg_attrdef v
       join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and d.objid = v.oid
         and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
       where v.adrelid = c.oid
     ) as fills
     join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = fills.column
     join pg_catalog.pg_class sc on sc.oid = fills.sequence and sc.relkind = 'S'
     join pg_catalog.pg_namespace sn on sn.oid = sc.relnamespace
     join pg_catalog.pg_sequence q on q.seqrelid = sc.oid
     cross join lateral (select case when q.seqincrement > 0 then 'greatest' else 'least' end as pick,
       case when q.seqincrement > 0 then 'max' else 'min' end as edge) f
     left join unnest($3::text[], $4::text[], $5::text[]) as r(schema, name, value)
       on r.schema = sn.nspname and r.name = sc.relname
     order by 1`,
    [
      tables.map(({ schema }) => schema),
      tables.map(({ name }) => name),
      ...columns(recorded.filter(({ isCalled, lastValue }) => isCalled && /^-?\d+$/.test(lastValue))),
    ],
    signal,
  );
  for (const { statement } of moves) await session.query(statement, undefined, signal);
}

function columns(values: readonly SequenceValue[]): string[][] {
  return [values.map(({ schema }) => schema), values.map(({ name }) => name), values.map(({ lastValue }) => lastValue)];
}

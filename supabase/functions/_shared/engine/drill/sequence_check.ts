import type { Database } from "../database.ts";
import { LifeboatError } from "../errors.ts";
import { quoteLiteral } from "../format/sql_names.ts";

/** Finds the integer columns that own a sequence. */
const SEQUENCES_SQL = `
select pg_catalog.format('%I.%I', n.nspname, c.relname) as table, pg_catalog.quote_ident(a.attname) as column,
  s.oid::pg_catalog.regclass::text as sequence
from pg_catalog.pg_depend d
join pg_catalog.pg_class s on s.oid = d.objid and s.relkind = 'S'
join pg_catalog.pg_class c on c.oid = d.refobjid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid
join pg_catalog.pg_sequence q on q.seqrelid = s.oid
where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
  and d.deptype in ('a', 'i') and n.nspname = any ($1::text[]) and q.seqincrement > 0
  and a.atttypid in ('int2'::pg_catalog.regtype, 'int4'::pg_catalog.regtype, 'int8'::pg_catalog.regtype)
order by 1, 2`;

/**
 * Checks that no row has the next value of its column's own sequence; otherwise the first insert after a restore would
 * fail. Throws `drill_sequence_behind` with the names of the sequences.
 */
export async function checkSequences(
  database: Database,
  schemas: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const session = await database.connect({ applicationName: "lifeboat drill sequences" }, signal);
  try {
    const owned = await session.query<{ table: string; column: string; sequence: string }>(
      SEQUENCES_SQL,
      [schemas],
      signal,
    );
    const behind: string[] = [];
    for (const { table, column, sequence } of owned) {
      const [{ taken }] = await session.query<{ taken: boolean }>(
        `with next as materialized (select pg_catalog.nextval(${quoteLiteral(sequence)}) as number)
         select exists (select from ${table} t, next where t.${column} = next.number) as taken`,
        undefined,
        signal,
      );
      if (taken) behind.push(`${table}.${column}`);
    }
    if (behind.length > 0) throw sequencesBehind(behind);
  } finally {
    await session.close();
  }
}

function sequencesBehind(columns: readonly string[]): LifeboatError {
  return new LifeboatError({
    code: "drill_sequence_behind",
    kind: "permanent",
    message: `The next number is taken already in ${columns.join(", ")}: the first insert would fail.`,
    hint: "Report this with the table's definition; after a restore, setval() brings a sequence forward.",
    operation: "drill.sequences",
  });
}

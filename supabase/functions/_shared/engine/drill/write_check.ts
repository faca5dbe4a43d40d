import type { Database, Session } from "../database.ts";
import { hasCode } from "../errors.ts";

interface Candidate {
  readonly name: string;
  /** The columns that an insert must fill: neither generated nor in the key. Empty when there are none. */
  readonly columns: string;
  /** A column that an update may set to its own value. */
  readonly column: string;
}

/** Finds the tables whose key the database generates. */
const CANDIDATES_SQL = `
select pg_catalog.format('%I.%I', n.nspname, c.relname) as name, coalesce(w.columns, '') as columns, w.first as column
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_index i on i.indrelid = c.oid and i.indisprimary
cross join lateral (
  select pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' order by a.attnum)
      filter (where a.attnum <> all (i.indkey::int2[])) as columns,
    pg_catalog.min(pg_catalog.quote_ident(a.attname)) as first
  from pg_catalog.pg_attribute a
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity = ''
) as w
where c.relkind in ('r', 'p') and not c.relispartition and n.nspname = any ($1::text[]) and w.first is not null
  and not exists (select from pg_catalog.pg_attribute k
    where k.attrelid = c.oid and k.attnum = any (i.indkey::int2[]) and not k.atthasdef and k.attidentity = '')
order by n.nspname, c.relname`;

/** SQLSTATEs of refusals by a table's own rules: class 23, and exceptions of its triggers. */
const OWN_RULES = /^23|^P0001$/;

/**
 * Inserts a copy of a row into a restored table, with a key that the database generates. Tables whose rules refuse the
 * copy are skipped; when all refuse, a row is updated to its own values. Returns a remark unless a copy was inserted.
 * Throws the database's error when it accepts no write at all.
 */
export async function writeRow(
  database: Database,
  schemas: readonly string[],
  signal: AbortSignal,
): Promise<string | void> {
  const session = await database.connect({ applicationName: "lifeboat drill write" }, signal);
  try {
    const tables = await session.query<Candidate>(CANDIDATES_SQL, [schemas], signal);
    for (const table of tables) if (await write(session, copyOf(table), signal)) return;
    for (const { name, column } of tables) {
      const update = `update ${name} set ${column} = ${column} where ctid = (select ctid from ${name} limit 1)`;
      if (await write(session, update, signal)) return `No table took a copy of a row, so one of ${name} was updated.`;
    }
    return "No table had a row to copy.";
  } finally {
    await session.close();
  }
}

function copyOf({ name, columns }: Candidate): string {
  return columns === ""
    ? `insert into ${name} default values`
    : `insert into ${name} (${columns}) select ${columns} from ${name} limit 1`;
}

/** Commits, because deferred constraints are only checked then. Returns false when no row was written. */
async function write(session: Session, statement: string, signal: AbortSignal): Promise<boolean> {
  await session.query("begin", undefined, signal);
  try {
    const written = await session.query(`${statement} returning true as written`, undefined, signal);
    await session.query("commit", undefined, signal);
    return written.length > 0;
  } catch (error) {
    await session.query("rollback", undefined, signal);
    if (hasCode(error, "database_error") && OWN_RULES.test(error.subject ?? "")) return false;
    throw error;
  }
}

import type { Session } from "../database.ts";
import { LifeboatError } from "../errors.ts";
import { safeText } from "../run/safe_text.ts";
import type { CatalogueTable } from "../catalogue/catalogue.ts";

interface Blocker {
  readonly table: string;
  readonly pid: number;
  readonly query: string | null;
  readonly granted: boolean;
}

/** Whoever holds, or waits for, a lock that a reader cannot share. A NOWAIT lock gives way to waiting ones too. */
const BLOCKER_SQL = `
select c.relname as table, l.pid, a.query, l.granted
from pg_catalog.pg_locks l
join pg_catalog.pg_class c on c.oid = l.relation
left join pg_catalog.pg_stat_activity a on a.pid = l.pid
where l.locktype = 'relation' and l.relation::text = any ($1::text[]) and l.mode = 'AccessExclusiveLock'
  and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
  and l.pid <> pg_catalog.pg_backend_pid()
order by l.granted desc, a.query_start limit 1`;

/** The lock failure as one that says whose statement is in the way. Ends the session's transaction. */
export async function nameBlocker(
  session: Session,
  tables: readonly CatalogueTable[],
  failure: LifeboatError,
  signal?: AbortSignal,
): Promise<LifeboatError> {
  await session.query("rollback", undefined, signal);
  const [blocker] = await session.query<Blocker>(BLOCKER_SQL, [tables.map((table) => table.oid)], signal);
  if (!blocker) return failure;
  const { table, pid, granted } = blocker;
  return new LifeboatError({
    code: "lock_timeout",
    kind: "transient",
    message: `Table ${table} could not be locked for reading: the session ${pid} ` +
      `${granted ? "holds it for itself" : "waits to have it for itself"} (${statementOf(blocker)}).`,
    hint: "Wait until that statement has ended, often a migration, or cancel it; then run the backup again.",
    operation: failure.operation,
    subject: table,
    cause: failure,
  });
}

/** What it runs, without the values it holds. */
function statementOf({ query }: Blocker): string {
  if (!query || query.startsWith("<")) return "its statement cannot be seen by this role";
  return safeText(withoutValues(query), 200);
}

/** Comment, name, then the three kinds of literals; Postgres shows 1,024 bytes, so the last one may lack its end. */
const TOKEN =
  /--[^\n]*|\/\*[^]*?(?:\*\/|$)|"(?:[^"]|"")*"|(\$(?:[a-z_]\w*)?\$)[^]*?(?:\1|$)|\be'(?:\\[^]|''|[^'\\])*(?:'|$)|'(?:''|[^'])*(?:'|$)/gi;

/** A statement on one line, without its comments and the text of its literals. */
export function withoutValues(sql: string): string {
  const hidden = sql.replace(TOKEN, (token) => token.startsWith('"') ? token : /^(--|\/)/.test(token) ? " " : "'…'");
  return hidden.replace(/\s+/g, " ").trim();
}

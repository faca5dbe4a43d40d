import type { Session } from "../database.ts";

/**
 * The settings that pg_dump pins too. Without them a limit or a policy could silently make a dump hold fewer rows, and
 * the same row could be written as different texts. `row_security = off` makes a query fail that row security would
 * filter. https://www.postgresql.org/docs/current/ddl-rowsecurity.html
 */
const PINNED_SETTINGS: Readonly<Record<string, string>> = {
  search_path: "",
  client_encoding: "UTF8",
  TimeZone: "UTC",
  DateStyle: "ISO, YMD",
  IntervalStyle: "postgres",
  extra_float_digits: "3",
  bytea_output: "hex",
  xmloption: "content",
  lc_monetary: "C",
  row_security: "off",
  statement_timeout: "0",
  idle_in_transaction_session_timeout: "0",
  transaction_timeout: "0",
  synchronize_seqscans: "off",
  restrict_nonsystem_relation_kind: "view, foreign-table",
  check_function_bodies: "off",
  quote_all_identifiers: "off",
  jit: "off",
  max_parallel_workers_per_gather: "0",
};

/**
 * Pins the settings of a session. Settings that this server's version does not know are left out. Throws the database's
 * error when the role may not change a setting.
 */
export async function pinSettings(session: Session, lockTimeoutMs: number, signal?: AbortSignal): Promise<void> {
  await session.query(
    `select pg_catalog.set_config(s.name, w.value, false)
     from pg_catalog.jsonb_each_text($1::text::jsonb) as w(name, value)
     join pg_catalog.pg_settings s on pg_catalog.lower(s.name) = pg_catalog.lower(w.name)`,
    [JSON.stringify({ ...PINNED_SETTINGS, lock_timeout: `${lockTimeoutMs}ms` })],
    signal,
  );
}

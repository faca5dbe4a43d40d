import { type Checksums, sha256Hex } from "../checksum.ts";
import type { Session } from "../database.ts";
import { LifeboatError } from "../errors.ts";
import type { MigrationSession, Notice } from "./migration_database.ts";

export type MigrationState = "new" | "changed" | "unchanged";

/** One file of supabase/migrations. Applying it again does no harm. */
export interface Migration {
  /** `20261121000100` */
  readonly version: string;
  /** `lifeboat_backup_history` */
  readonly name: string;
  readonly sql: string;
}

export interface JudgedMigration extends Migration {
  readonly checksum: string;
  /** `changed` means that another text of this migration, or of an earlier one, had been applied. */
  readonly was: MigrationState;
}

export interface AppliedMigration {
  readonly version: string;
  readonly name: string;
  readonly was: MigrationState;
  readonly notices: readonly Notice[];
}

/**
 * Applies missing migrations, each in its own transaction. From the first new or changed migration on all are applied,
 * because a later migration may replace what an earlier one creates. They are recorded in `lifeboat.migrations` and not
 * in the project's own migration history, where their versions could collide with the project's migrations.
 *
 * May be repeated, also by several processes at once, which wait for each other. Throws `migration_failed` with the
 * name of the migration; those before it stay applied.
 */
export async function applyMigrations(
  session: MigrationSession,
  migrations: readonly Migration[],
  checksums: Checksums,
  signal?: AbortSignal,
): Promise<AppliedMigration[]> {
  await session.query(PREPARE_SQL, undefined, signal);
  session.takeNotices();
  const applied: AppliedMigration[] = [];
  for (const migration of await findChanges(session, migrations, checksums, signal)) {
    if (migration.was !== "unchanged") await apply(session, migration, signal);
    const { version, name, was } = migration;
    applied.push({ version, name, was, notices: session.takeNotices().filter(isWorthShowing) });
  }
  return applied;
}

/** Compares the files with `lifeboat.migrations`. Throws what the database throws. */
export async function findChanges(
  session: Pick<Session, "query">,
  migrations: readonly Migration[],
  checksums: Checksums,
  signal?: AbortSignal,
): Promise<JudgedMigration[]> {
  const rows = await session.query<{ version: string; checksum: string }>(
    "select version, checksum from lifeboat.migrations",
    undefined,
    signal,
  );
  const present = new Map(rows.map(({ version, checksum }) => [version, checksum]));
  let anyBefore = false;
  return migrations.map((migration) => {
    const checksum = checksumOf(migration.sql, checksums);
    const before = present.get(migration.version);
    const was = before === undefined ? "new" : before === checksum && !anyBefore ? "unchanged" : "changed";
    anyBefore ||= was !== "unchanged";
    return { ...migration, checksum, was };
  });
}

/** The advisory lock keeps a second installation waiting. It belongs to the session and ends with the connection. */
const PREPARE_SQL = `
  set statement_timeout = 0;
  set lock_timeout = '30s';
  select pg_catalog.pg_advisory_lock(pg_catalog.hashtextextended('lifeboat.migrations', 0));
  create schema if not exists lifeboat;
  create table if not exists lifeboat.migrations (
    version text primary key,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default now()
  );
  comment on table lifeboat.migrations is 'What the command "install" applied.';
  revoke all on lifeboat.migrations from public`;

async function apply(
  session: MigrationSession,
  { version, name, sql, checksum }: JudgedMigration,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await session.query("begin", undefined, signal);
    await session.query(sql, undefined, signal);
    await session.query(
      `insert into lifeboat.migrations (version, name, checksum) values ($1, $2, $3)
       on conflict (version) do update set name = excluded.name, checksum = excluded.checksum, applied_at = now()`,
      [version, name, checksum],
      signal,
    );
    await session.query("commit", undefined, signal);
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    await session.query("rollback").catch(() => {
      // The connection is lost and the transaction with it. The first error is the one to report.
    });
    throw failed(`${version}_${name}`, cause);
  }
}

function failed(migration: string, cause: unknown): LifeboatError {
  const { message, hint } = cause as { message: string; hint?: string };
  return new LifeboatError({
    code: "migration_failed",
    kind: "permanent",
    message: `Migration ${migration} was not applied: ${message}`,
    hint: `Those before it are. Mend the cause, then run install again. ${hint ?? ""}`.trim(),
    operation: "install.apply",
    subject: migration,
    cause,
  });
}

function checksumOf(sql: string, checksums: Checksums): string {
  return sha256Hex(checksums, new TextEncoder().encode(sql));
}

/** The notice "… already exists, skipping" is normal when a migration is applied again, so it is not shown. */
function isWorthShowing({ message }: Notice): boolean {
  return !message.endsWith(", skipping");
}

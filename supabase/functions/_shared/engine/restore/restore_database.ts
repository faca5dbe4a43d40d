import type { Session } from "../database.ts";
import { LifeboatError } from "../errors.ts";
import { manifestKey } from "../format/keys.ts";
import { backupChanged } from "./backup_damaged.ts";
import { compareTables } from "./compare_tables.ts";
import { RESTORE_PREAMBLE } from "./preamble.ts";
import type { Section } from "../format/schema_statement.ts";
import { tableName } from "../format/sql_names.ts";
import { findOrphans } from "./find_orphans.ts";
import { BYTES_PER_STEP, loadTable } from "./load_table.ts";
import { allSettledOrFirstFailure, Loaders } from "./loaders.ts";
import type { DatabasePlan, RestorePlan } from "./plan.ts";
import { schemasOf, targetFingerprint } from "./plan_database.ts";
import type { PointSchema } from "../format/document_ends.ts";
import { readSchema } from "../points/read_schema.ts";
import { type OpenPoint, openPoint } from "../points/open_point.ts";
import type { ReportProgress, RestoreDependencies } from "./restore_dependencies.ts";
import type { DatabaseReport } from "./restore_report.ts";
import { joinRestore, lockTarget, readRestores, RestoreSteps } from "./restore_state.ts";
import { restrictedIn, runStatements } from "./run_statements.ts";
import { sessionSettings } from "./select_statements.ts";
import { advanceSequences } from "./sequences.ts";
import { makeStandIns } from "./stand_ins.ts";
import { formatNames, prepareSession, readTables, readTarget } from "./target.ts";
import { verifyTables } from "./verify_tables.ts";
import { plannedStatements, plannedTables } from "./work.ts";

export interface RestoreDatabaseOptions {
  /** Most bytes of JSON for one transaction of rows. */
  readonly bytesPerStep?: number;
  /** Number of sessions that load rows in parallel; 1 when absent. Each holds about 40 MiB of the dump. */
  readonly jobs?: number;
}

/** Applies the database part of a plan, in the order given at `applyRestore`. */
export async function restoreDatabase(
  dependencies: RestoreDependencies,
  plan: RestorePlan & { readonly database: DatabasePlan },
  options: RestoreDatabaseOptions,
  report: ReportProgress,
  signal?: AbortSignal,
): Promise<DatabaseReport> {
  const { project, recoveryPoint } = plan;
  const point = await openPoint(dependencies, { project, point: recoveryPoint }, signal);
  if (point.manifestSha256 !== plan.database.manifestSha256) throw backupChanged(manifestKey(project, recoveryPoint));
  const session = await dependencies.database.connect({ applicationName: "lifeboat restore" }, signal);
  try {
    await prepareSession(session, signal);
    await lockTarget(session, signal);
    const begun = (await readRestores(session, signal)).some(({ id }) => id === plan.id);
    const schema = await readSchema(dependencies, point, signal);
    const done = begun ? await RestoreSteps.find(session, plan.id, signal) : undefined;
    if (!begun) await assertUnchanged(dependencies, session, point, plan.database, signal);
    await verifyBefore(dependencies, point, plan.database, done, report, signal);
    const steps = await RestoreSteps.open(session, plan, signal);
    const restore = new DatabaseRestore(dependencies, session, point, plan, schema, steps, report, signal);
    return await restore.run(options.bytesPerStep ?? BYTES_PER_STEP, options.jobs ?? 1);
  } finally {
    await session.close();
  }
}

/** A restore that has begun has changed the target itself, so its marks are compared instead. */
async function assertUnchanged(
  dependencies: RestoreDependencies,
  session: Session,
  point: OpenPoint,
  plan: DatabasePlan,
  signal?: AbortSignal,
): Promise<void> {
  const target = await readTarget(session, schemasOf(point), signal);
  if (targetFingerprint(dependencies, target) === plan.target.fingerprint) return;
  throw new LifeboatError({
    code: "target_changed",
    kind: "conflict",
    message: `Database ${target.database} is no longer what it was when the restore was planned.`,
    hint: "Plan again, look at what the plan says now, and apply that.",
    operation: "restore.apply",
    subject: target.database,
  });
}

/** Reads and checks every byte still to be loaded, right before the first is written. */
async function verifyBefore(
  dependencies: RestoreDependencies,
  point: OpenPoint,
  plan: DatabasePlan,
  done: RestoreSteps | undefined,
  report: ReportProgress,
  signal?: AbortSignal,
): Promise<void> {
  const tables = plannedTables(plan, point).map(({ table }) => table);
  // Fully loaded tables are compared at the end, and need no reading here.
  const open = done?.has("rows") ? [] : tables.filter((table) => !done?.has(`table/${tableName(table)}`));
  await verifyTables(dependencies, point, open, ({ tables, rows, table }) => {
    report({
      phase: "verifying",
      tablesDone: tables,
      tablesTotal: open.length,
      rowsDone: rows,
      rowsEstimated: plan.rows,
      currentTable: table,
    });
  }, signal);
}

class DatabaseRestore {
  constructor(
    private readonly dependencies: RestoreDependencies,
    private readonly session: Session,
    private readonly point: OpenPoint,
    private readonly plan: RestorePlan & { readonly database: DatabasePlan },
    private readonly schema: PointSchema,
    private readonly steps: RestoreSteps,
    private readonly report: ReportProgress,
    private readonly signal?: AbortSignal,
  ) {}

  async run(bytesPerStep: number, jobs: number): Promise<DatabaseReport> {
    const { session, steps, signal } = this;
    const names = await this.#createdNames();
    for (const sql of sessionSettings(this.schema.statements)) await session.query(sql, undefined, signal);
    if (this.plan.database.preamble) {
      await steps.run("preamble", () => session.query(RESTORE_PREAMBLE, undefined, signal).then(() => null), signal);
    }
    await steps.run("stand-ins", () => this.#makeStandIns(), signal);
    await this.#statements("pre-data", names);
    await this.#rows(bytesPerStep, jobs);
    await this.#statements("post-data", names);
    await this.#statements("foreign-keys", names);
    await steps.run("sequences", () => this.#sequences(), signal);
    // The REST API has a cache of the schema. https://docs.postgrest.org/en/stable/references/schema_cache.html
    await session.query("notify pgrst, 'reload schema'", undefined, signal);
    return await this.#prove();
  }

  /** Statements name tables as PostgreSQL writes them, so only the names of tables in the request must be looked up. */
  async #createdNames(): Promise<string[]> {
    if (this.plan.request.tables === undefined) return [];
    const created = plannedTables(this.plan.database, this.point).filter(({ planned }) => planned.action === "create");
    return await formatNames(this.session, created.map(({ table }) => table), this.signal);
  }

  async #makeStandIns(): Promise<null> {
    const tables = plannedTables(this.plan.database, this.point)
      .filter(({ planned }) => planned.action === "stand-in")
      .map(({ table }) => table);
    if (tables.length > 0) await makeStandIns(this.session, tables, this.signal);
    return null;
  }

  async #statements(section: Section, names: readonly string[]): Promise<void> {
    const { session, steps, signal } = this;
    const statements = plannedStatements(this.schema, section, this.plan.request, names);
    await runStatements(session, steps, section, statements, (done) => {
      this.report({ phase: section, tablesDone: done, tablesTotal: statements.length });
    }, signal);
  }

  async #rows(bytesPerStep: number, jobs: number): Promise<void> {
    const { session, steps, signal, dependencies, point } = this;
    if (steps.has("rows")) return;
    const { database } = this.plan;
    const loads = plannedTables(database, point);
    const there = new Map(
      (await readTables(session, schemasOf(point), database.asReplica, signal)).map((
        table,
      ) => [tableName(table), table]),
    );
    await this.#withLoaders(jobs, async (loaders) => {
      const progress = { tablesDone: 0, rowsDone: 0 };
      const works = loads.map(({ planned, table }) => async (signal?: AbortSignal) => {
        const name = tableName(table);
        const found = there.get(name);
        if (!found) throw tableMissing(name);
        const tell = (rows: number) => {
          progress.rowsDone += rows;
          this.report({
            phase: "rows",
            ...progress,
            tablesTotal: loads.length,
            currentTable: name,
            rowsEstimated: database.rows,
          });
        };
        if (table.kind !== "table" || steps.has(`table/${name}`)) tell(table.rows);
        else {
          const load = { planned, table, there: found, bytesPerStep };
          await loadTable(dependencies, point, loaders, steps, load, tell, signal);
          await loaders.run(({ steps }) => steps.run(`table/${name}`, () => Promise.resolve(null), signal), signal);
        }
        progress.tablesDone++;
      });
      // While foreign keys are enforced, a table must wait for the tables that it refers to.
      if (database.asReplica && jobs > 1) await allSettledOrFirstFailure(works, signal);
      else for (const work of works) await work(signal);
    });
    await steps.run("rows", () => Promise.resolve(null), signal);
  }

  /** Runs `work` with a pool of this session and `jobs - 1` others. */
  async #withLoaders(jobs: number, work: (loaders: Loaders) => Promise<void>): Promise<void> {
    const { session, steps, signal } = this;
    const { asReplica } = this.plan.database;
    const role = (session: Session, name: string) =>
      session.query(`set session_replication_role = ${name}`, undefined, signal);
    const others: Session[] = [];
    try {
      while (others.length < jobs - 1) {
        const other = await this.dependencies.database.connect({ applicationName: "lifeboat restore" }, signal);
        others.push(other);
        await prepareSession(other, signal);
        await joinRestore(other, signal);
        for (const sql of sessionSettings(this.schema.statements)) await other.query(sql, undefined, signal);
        if (asReplica) await role(other, "replica");
      }
      if (asReplica) await role(session, "replica");
      await work(
        new Loaders([{ session, steps }, ...others.map((session) => ({ session, steps: steps.on(session) }))]),
      );
      if (asReplica) await role(session, "origin");
    } finally {
      await Promise.all(others.map((other) => other.close()));
    }
  }

  async #sequences(): Promise<null> {
    const tables = this.#tablesThatWereThere();
    if (tables.length > 0) await advanceSequences(this.session, tables, this.schema.sequences, this.signal);
    return null;
  }

  #tablesThatWereThere() {
    return plannedTables(this.plan.database, this.point)
      .filter(({ planned }) => planned.action === "load")
      .map(({ table }) => table);
  }

  async #prove(): Promise<DatabaseReport> {
    const { session, signal, plan, point } = this;
    const loads = plannedTables(plan.database, point).filter(({ table }) => table.kind === "table");
    const before = this.#tablesThatWereThere();
    const orphans = before.length === 0 ? [] : await findOrphans(session, before, signal);
    const tables = await compareTables(session, loads, (done, table) => {
      this.report({ phase: "comparing", tablesDone: done, tablesTotal: loads.length, currentTable: table });
    }, signal);
    return {
      tables,
      rows: tables.reduce((sum, { foundRows }) => sum + foundRows, 0),
      orphans,
      restricted: restrictedIn(this.steps),
      disarmed: plan.database.disarmed,
    };
  }
}

function tableMissing(name: string): LifeboatError {
  return new LifeboatError({
    code: "target_changed",
    kind: "conflict",
    message: `Table ${name} is not in the target, though the restore has made it or the plan has seen it.`,
    hint: "Somebody else writes to the target. Start again from an empty project.",
    operation: "restore.rows",
    subject: name,
  });
}

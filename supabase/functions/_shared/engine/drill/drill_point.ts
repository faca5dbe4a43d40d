import type { DrillDetails } from "../../contract/mod.ts";
import type { Checksums } from "../checksum.ts";
import type { Clock } from "../clock.ts";
import type { Database } from "../database.ts";
import type { Decompressor } from "../decompression.ts";
import { applyRestore, planRestore, type RestorePlan } from "../restore/mod.ts";
import type { Run, RunOutcome } from "../run/run.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { check, type CheckResult } from "./check.ts";
import { fetchSamples } from "./files_check.ts";
import { assertNothingMissing, sortProblems } from "./restored_whole.ts";
import { runOwnerQueries } from "./owner_queries.ts";
import { type DatabaseServer, type ScratchDatabase, withScratchDatabase } from "./scratch_database.ts";
import { checkSequences } from "./sequence_check.ts";
import { writeRow } from "./write_check.ts";

export interface DrillDependencies {
  readonly store: ObjectStore;
  readonly checksums: Checksums;
  readonly decompressor: Decompressor;
  readonly clock: Clock;
  readonly random: () => number;
  /** The project's own database, whose history says whether the point's files were stored. */
  readonly database: Database;
  /** The server on which the scratch database is made. Nothing else on it is changed. */
  readonly server: DatabaseServer;
}

export interface DrillSettings {
  /** Verification queries of the owner: each must return one row that begins with true. */
  readonly queries: readonly string[];
  /** Checks that only the host can make, such as logging in through an Auth API on the restored database. */
  readonly furtherChecks?: readonly FurtherCheck[];
}

export interface FurtherCheck {
  readonly name: string;
  /** The check passes unless this throws. */
  run(scratch: ScratchDatabase, signal: AbortSignal): Promise<void>;
}

/**
 * Restores the run's recovery point into a scratch database, compares every table with the dump's snapshot, runs the
 * owner's queries, writes a row, fetches sample files, and always drops the scratch database. The measured time is that
 * of the restore, from reading the manifest to the last comparison of a table.
 *
 * When something is wrong, the outcome is `failed` (`drill_failed`) and names everything that was found. Throws
 * `restore_conflicts`, `backup_damaged` and the errors of bucket and database when the restore cannot be made.
 */
export async function drillPoint(
  dependencies: DrillDependencies,
  settings: DrillSettings,
  run: Run,
): Promise<RunOutcome> {
  const { project, recoveryPoint, signal } = run;
  const warnings: string[] = [];
  run.report({ phase: "preparing" });
  const outcome = await withScratchDatabase(
    dependencies.server,
    { project, runId: run.id },
    (scratch) => drillInto(dependencies, settings, run, scratch, warnings),
    (name, error) => {
      warnings.push(
        `The scratch database ${name} could not be dropped; the next drill will: ${(error as Error).message}`,
      );
    },
    signal,
  );
  // `warnings` is read last, because dropping the scratch database may add one.
  const details: DrillDetails = { drilledRecoveryPoint: recoveryPoint, ...outcome, warnings };
  const failures = failuresIn(details);
  return {
    status: failures.length === 0 ? "success" : "failed",
    tables: details.tables.length,
    rows: details.tables.reduce((sum, { rows }) => sum + rows, 0),
    ...(failures.length > 0 && {
      errorCode: "drill_failed",
      errorMessage: `The drill found ${failures.length} ${failures.length === 1 ? "thing" : "things"} wrong, first: ${
        failures[0]
      }`,
      errorHint: "The details of the run name each of them. Until a drill succeeds, do not count on this backup alone.",
    }),
    details: { ...details },
  };
}

type Drilled = Omit<DrillDetails, "drilledRecoveryPoint" | "warnings">;

async function drillInto(
  dependencies: DrillDependencies,
  settings: DrillSettings,
  run: Run,
  scratch: ScratchDatabase,
  warnings: string[],
): Promise<Drilled> {
  const { store, checksums, decompressor, clock, random } = dependencies;
  const files = { store, checksums, random, database: dependencies.database };
  const { project, recoveryPoint, signal } = run;
  const restore = { store, checksums, decompressor, clock, database: scratch.database };
  const startedMs = clock.now().getTime();
  const plan = await planRestore(restore, { project, point: recoveryPoint, databaseOnly: true, scratch: true }, signal);
  const report = await applyRestore(restore, plan, (progress) => run.report(progress), {}, signal);
  const restoreMs = clock.now().getTime() - startedMs;

  const schemas = schemasOf(plan);
  run.report({ phase: "checking" });
  const { missing, expected } = sortProblems(plan, report);
  warnings.push(...expected.map(({ kind, identity, reason }) => `${kind} ${identity}: ${reason}`));
  const queries = await runOwnerQueries(scratch.database, settings.queries, signal);
  const checks: CheckResult[] = [
    await check("everything in the backup came back", () => assertNothingMissing(missing), signal),
    await check("sequences stand after their data", () => checkSequences(scratch.database, schemas, signal), signal),
    await check("a row can be written", () => writeRow(scratch.database, schemas, signal), signal),
    await check("sample files come back", () => fetchSamples(files, run, signal), signal),
  ];
  for (const { name, run: work } of settings.furtherChecks ?? []) {
    checks.push(await check(name, () => work(scratch, signal), signal));
  }
  return {
    restoreMs,
    bytesPerSecond: Math.round((plan.database?.bytes ?? 0) / Math.max(1, restoreMs) * 1000),
    tables: (report.database?.tables ?? []).map(({ table, foundRows, equal }) => ({
      name: table,
      rows: foundRows,
      equal,
    })),
    queries,
    checks,
  };
}

/** The schemas of the project's own tables. Tables of the platform are only stand-ins in a scratch database. */
function schemasOf({ database }: RestorePlan): string[] {
  const created = (database?.tables ?? []).filter(({ action }) => action === "create");
  // A table is named `bookings` in public and `schema.table` elsewhere. Schemas whose name is quoted are not checked.
  return [...new Set(created.map(({ table }) => /^([^".]+)\./.exec(table)?.[1] ?? "public"))];
}

function failuresIn({ tables, queries, checks }: DrillDetails): string[] {
  return [
    ...tables.filter(({ equal }) => !equal).map(({ name }) => `table ${name} is not what it was.`),
    ...queries.filter(({ passed }) => !passed).map(({ query, reason }) => `query "${query}": ${reason}`),
    ...checks.filter(({ passed }) => !passed).map(({ name, reason }) => `${name}: ${reason}`),
  ];
}

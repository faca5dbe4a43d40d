import { compose, type Composition } from "../supabase/functions/_shared/compose/compose.ts";
import { composeDatabaseBackup } from "../supabase/functions/_shared/compose/database_backup.ts";
import { COMMAND_LINE_LIMITS } from "../supabase/functions/_shared/compose/limits.ts";
import { composeMediaBackup } from "../supabase/functions/_shared/compose/media_backup.ts";
import { composeGzipWorkers } from "../supabase/functions/_shared/compose/tools.ts";
import {
  type BackupHistoryRow,
  databaseBackupRequest,
  type RunTrigger,
} from "../supabase/functions/_shared/contract/mod.ts";
import { runDatabaseBackup } from "../supabase/functions/_shared/engine/backup/run_database_backup.ts";
import { runMediaBackup } from "../supabase/functions/_shared/engine/backup/run_media_backup.ts";
import { beginMediaRun } from "../supabase/functions/_shared/engine/backup/media_run.ts";
import { systemClock } from "../supabase/functions/_shared/engine/clock.ts";
import { asLifeboatError, hasCode, type LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";
import { type LeasedRun, startRun } from "../supabase/functions/_shared/engine/run/run_store.ts";
import { readSettings, settingsIn } from "./configuration.ts";
import type { Host } from "./perform.ts";
import { createProgressDisplay } from "./progress_bar.ts";
import { usage } from "./settings.ts";

/** Options of a run that a person starts. */
export interface RunOptions {
  readonly label?: string;
  readonly pin?: true;
  readonly trigger: RunTrigger;
  /** Number of sessions that read the database in parallel, and of threads that compress. */
  readonly jobs?: number;
}

export function composeRuns(host: Host): Composition {
  const configuration = readSettings(host.environment, ["store", "database", "api"]);
  return compose(configuration, settingsIn(host.environment), COMMAND_LINE_LIMITS);
}

/** Takes the lease. A scheduled run that cannot be recorded is reported by email and ping, as the functions do. */
export async function beginRun(
  composition: Composition,
  kind: "database" | "media" | "verify",
  options: RunOptions,
  recoveryPoint?: string,
): Promise<LeasedRun> {
  const { database, notifier, configuration: { project } } = composition;
  const { label, pinned } = readLabel(options);
  try {
    const dependencies = { database, clock: systemClock };
    const request = {
      project,
      trigger: options.trigger,
      ...label && { label },
      ...pinned && { pinned },
      ...recoveryPoint && { recoveryPoint },
    };
    return kind === "media"
      ? (await beginMediaRun(dependencies, request)).run
      : await startRun(dependencies, { ...request, kind });
  } catch (error) {
    if (options.trigger === "cron" && kind !== "verify" && !hasCode(error, "already_running", "media_queued")) {
      await notifier.notifyNotStarted(asLifeboatError(error, "run.start"));
    }
    throw error;
  }
}

function readLabel({ label, pin }: RunOptions) {
  const read = databaseBackupRequest.safeParse({ ...label !== undefined && { label }, ...pin && { pinned: true } });
  if (!read.success) throw usage("--label takes 1 to 200 characters.");
  return read.data;
}

export interface BackupRuns {
  readonly database: BackupHistoryRow;
  /** Null when the dump failed or only the database was to be backed up. */
  readonly media: BackupHistoryRow | null;
  /** Why the media run could not begin. The history holds this as a warning. */
  readonly mediaFailure: LifeboatError | null;
}

/** Backs up the database, then the media in this process instead of in a function. */
export async function runBoth(
  host: Host,
  composition: Composition,
  options: RunOptions,
  databaseOnly: boolean,
): Promise<BackupRuns> {
  const { dependencies, settings } = composeDatabaseBackup(composition);
  const run = await beginRun(composition, "database", options);
  using compressor = composeGzipWorkers(options.jobs ?? 1);
  let mediaRun: LeasedRun | undefined;
  let mediaFailure: LifeboatError | null = null;
  const mediaStarter = {
    async startMedia({ recoveryPoint }: { recoveryPoint: string }) {
      if (databaseOnly || host.signal.aborted) return;
      try {
        mediaRun = await beginRun(composition, "media", { trigger: options.trigger }, recoveryPoint);
      } catch (error) {
        throw mediaFailure = asLifeboatError(error, "run.start");
      }
    },
  };
  const database = await shown(
    host,
    run,
    () =>
      runDatabaseBackup(
        { ...dependencies, compressor, mediaStarter },
        { ...settings, jobs: options.jobs ?? 1 },
        run,
        host.signal,
      ),
  );
  const media = mediaRun ? await runMedia(host, composition, mediaRun) : null;
  return { database, media, mediaFailure };
}

export async function runMedia(host: Host, composition: Composition, run: LeasedRun): Promise<BackupHistoryRow> {
  const { dependencies, settings } = composeMediaBackup(composition);
  return await shown(host, run, () => runMediaBackup(dependencies, settings, run, host.signal));
}

/** Shows the progress of a run, which is also recorded in the history. */
export async function shown<Result>(host: Host, run: LeasedRun, work: () => Promise<Result>): Promise<Result> {
  const display = createProgressDisplay(run.kind, host.json);
  const report = run.report.bind(run);
  run.report = (progress) => {
    display.show(progress);
    report(progress);
  };
  try {
    return await work();
  } finally {
    display.end();
  }
}

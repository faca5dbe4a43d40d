import { composeDatabase } from "../../supabase/functions/_shared/compose/database.ts";
import { composeRestore } from "../../supabase/functions/_shared/compose/tools.ts";
import type { RunProgress } from "../../supabase/functions/_shared/contract/mod.ts";
import { recordRestore } from "../../supabase/functions/_shared/engine/admin/record_restore.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import { hasCode, LifeboatError } from "../../supabase/functions/_shared/engine/errors.ts";
import {
  applyRestore,
  armRestore,
  planRestore,
  type RestoreDependencies,
  type RestorePlan,
  type RestoreReport,
  type RestoreRequest,
} from "../../supabase/functions/_shared/engine/restore/mod.ts";
import { knownProject, readSettings } from "../configuration.ts";
import { ask, canAsk } from "../confirm.ts";
import { EXIT_CODES } from "../exit_code.ts";
import { examples, type Host, newCommand, perform } from "../perform.ts";
import { createProgressDisplay } from "../progress_bar.ts";
import { describePlan, describeReport } from "../restore_text.ts";
import { readRestoreTarget } from "../restore_target.ts";
import { targetOptions, usage } from "../settings.ts";
import { existingOption, jobsOption, listArgument } from "../common_options.ts";

const arm = newCommand("arm", "switch on the triggers, event triggers and cron jobs that the last restore left off")
  .action((options) =>
    perform(options, async (host) => {
      const dependencies = composeRestore(
        readSettings(host.environment, ["store"]),
        readRestoreTarget(host.environment, true),
      );
      const report = await watched(host, "arm", (show) => armRestore(dependencies, show, host.signal));
      const { armed, restricted } = report;
      return {
        exitCode: restricted.length === 0 ? EXIT_CODES.done : EXIT_CODES.partial,
        json: report,
        text: [
          `${armed} triggers, event triggers and cron jobs of ${report.recoveryPoint} are at work.`,
          ...restricted.map(({ kind, identity, reason }) => `  not ${kind} ${identity}: ${reason}`),
        ].join("\n"),
      };
    })
  );
for (const option of targetOptions()) arm.addOption(option);

const command = newCommand(
  "restore",
  "restore a recovery point, or part of it; shows the plan, and does it with --apply",
)
  .option("--point <point>", "timestamp as `list` shows it, or latest", "latest")
  .option("--schema <name>", "only this schema; may be repeated", listArgument)
  .option("--table <name>", "only this table, as the plan names it; may be repeated", listArgument)
  .option("--bucket <name>", "only this bucket; may be repeated", listArgument)
  .option("--path <bucket/path>", "only this file, or all below one that ends in /; may be repeated", listArgument)
  .option("--data-only", "rows into tables that are there, and nothing of the schema")
  .option("--database-only", "no files")
  .option("--media-only", "files only")
  .addOption(existingOption())
  .addOption(jobsOption())
  .option("--apply", "do what the plan says")
  .option("--yes", "with --existing replace: do not ask")
  .action((options) =>
    perform(options, async (host) => {
      if (options.databaseOnly && options.mediaOnly) {
        throw usage("--database-only and --media-only exclude each other.");
      }
      const configuration = readSettings(host.environment, ["store"]);
      const dependencies = composeRestore(configuration, readRestoreTarget(host.environment, !options.mediaOnly));
      const project = knownProject(host.environment, configuration);
      const request: RestoreRequest = {
        ...project !== undefined && { project },
        point: options.point,
        ...options.schema && { schemas: options.schema },
        ...options.table && { tables: options.table },
        ...options.bucket && { buckets: options.bucket },
        ...options.path && { paths: options.path },
        ...options.dataOnly && { dataOnly: true },
        ...options.databaseOnly && { databaseOnly: true },
        ...options.mediaOnly && { mediaOnly: true },
        existing: options.existing,
      };
      const plan = await planFor(dependencies, request, host.signal);
      if (!options.apply) return shownOnly(plan);
      host.tell(`${describePlan(plan)}\n`);
      if (options.existing === "replace" && options.yes !== true) await confirmReplacing(host, plan);
      const startedMs = performance.now();
      const report = await watched(
        host,
        "restore",
        (show) =>
          recorded(host, plan, (report, signal) => {
            const both = (progress: RunProgress) => [show, report].forEach((tell) => tell(progress));
            return applyRestore(dependencies, plan, both, { jobs: options.jobs }, signal);
          }),
      );
      return {
        exitCode: report.status === "success" ? EXIT_CODES.done : EXIT_CODES.partial,
        json: { plan, report },
        text: describeReport(report, performance.now() - startedMs),
      };
    })
  );
for (const option of targetOptions()) command.addOption(option);
command.addHelpText(
  "after",
  examples(
    ["restore --target-db <url> --database-only", "what would happen to a new project's database"],
    ["restore --target-db <url> --target-url <url> --target-key <key> --apply", "all of it: database, then files"],
    ["restore --table bookings --data-only --existing replace --apply", "the rows of one table, as they were"],
    ["restore --media-only --path avatars/jane.png --apply", "one file"],
    ["restore arm", "when all is well: triggers and cron jobs on"],
  ),
);
// Without this, `restore` would take the options after `arm`.
command.enablePositionalOptions();

export const restore = command.addCommand(arm);

/** Plans the restore; hints of its errors name the flags of this command. */
async function planFor(
  dependencies: RestoreDependencies,
  request: RestoreRequest,
  signal: AbortSignal,
): Promise<RestorePlan> {
  try {
    return await planRestore(dependencies, request, signal);
  } catch (error) {
    if (!hasCode(error, "storage_not_given")) throw error;
    const { code, kind, message, operation } = error;
    const hint = "Give --target-url and --target-key, or restore the database alone: --database-only.";
    throw new LifeboatError({ code, kind, message, hint, operation, cause: error });
  }
}

function shownOnly(plan: RestorePlan) {
  const stopped = plan.conflicts.length > 0;
  const next = stopped
    ? "Nothing can be done while there are conflicts. Restore into an empty project; or put back rows alone into the\n" +
      "tables that are there: --data-only, with --existing keep or replace where they have rows."
    : "Nothing was done. Add --apply to do it.";
  return {
    exitCode: stopped ? EXIT_CODES.failed : EXIT_CODES.done,
    json: { plan, report: null },
    text: `${describePlan(plan)}\n\n${next}`,
  };
}

/** Runs the restore, with an entry in the history of the backup's own project when its database answers. */
async function recorded(
  host: Host,
  plan: RestorePlan,
  work: (report: (progress: RunProgress) => void, signal: AbortSignal) => Promise<RestoreReport>,
): Promise<RestoreReport> {
  // A plan with conflicts is refused before anything is written, so no entry is made.
  if (plan.conflicts.length > 0) return await work(() => {}, host.signal);
  const without = (why: string) => host.tell(`This restore is not in the history of ${plan.project}: ${why}`);
  if (!host.environment.SUPABASE_DB_URL?.trim()) {
    without("SUPABASE_DB_URL does not say where that is.");
    return await work(() => {}, host.signal);
  }
  const { access } = readSettings(host.environment, ["store", "database"]);
  const history = { database: composeDatabase(access), clock: systemClock };
  return await recordRestore(history, plan, work, ({ message }) => without(message), host.signal);
}

/** Asks for confirmation, because a restore with `replace` deletes existing data. */
async function confirmReplacing(host: Host, plan: RestorePlan): Promise<void> {
  if (!canAsk(host.json)) throw usage("--existing replace needs --yes where nobody can be asked.");
  const word = plan.database?.target.database ?? "replace";
  const answer = await ask(`Rows and files that are there will be replaced. Type ${word} to go on: `, host.signal);
  if (answer !== word) throw usage("Not confirmed; nothing was changed.");
}

async function watched<Result>(
  host: Host,
  title: string,
  work: (show: ReturnType<typeof createProgressDisplay>["show"]) => Promise<Result>,
): Promise<Result> {
  const display = createProgressDisplay(title, host.json);
  try {
    return await work(display.show);
  } finally {
    display.end();
  }
}

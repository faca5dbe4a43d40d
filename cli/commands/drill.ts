import { composeDrill } from "../../supabase/functions/_shared/compose/drill.ts";
import type { BackupHistoryRow, DrillDetails } from "../../supabase/functions/_shared/contract/mod.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import { runDrill, startDrill } from "../../supabase/functions/_shared/engine/drill/mod.ts";
import { exitCodeOfRun } from "../exit_code.ts";
import { formatDecimalBytes, formatDuration } from "../figures.ts";
import { composeRuns, shown } from "../own_run.ts";
import { examples, newCommand, perform } from "../perform.ts";
import { readScratchServer } from "../restore_target.ts";
import { describeRun } from "../run_text.ts";
import { ownCheck } from "../own_check.ts";
import { scratchOptions } from "../settings.ts";
import { listArgument, triggerOption } from "../common_options.ts";

export const drill = newCommand(
  "drill",
  "restore a recovery point into a scratch database, compare it, and drop it again",
)
  .argument("[point]", "timestamp as `list` shows it, or latest", "latest")
  .option(
    "--check <command>",
    "shell command that looks at the restored database (RESTORED_DB_URL) and ends with 0; may be repeated",
    listArgument,
  )
  .addOption(triggerOption())
  .addHelpText(
    "after",
    examples(
      ["drill", "the newest recovery point, on the project's own server"],
      ["drill --scratch-db <url>", "on another server, so that production feels nothing of it"],
      [`drill --set BACKUP_DRILL_QUERIES='["select count(*) > 0 from bookings"]'`, "with a question of your own"],
      ["drill --check ./sign-in.sh", "with a program of yours, such as one that signs in through an Auth API"],
    ),
  )
  .action((point, options) =>
    perform(options, async (host) => {
      const scratchServer = readScratchServer(host.environment);
      const composition = composeRuns(host);
      const { database, store, configuration: { project } } = composition;
      const serverUrl = (scratchServer ?? composition.configuration.access.databaseUrl).reveal();
      const { dependencies, settings } = composeDrill(composition, serverUrl);
      const furtherChecks = (options.check ?? []).map((command) => ownCheck(command, serverUrl));
      const run = await startDrill(
        { database, store, clock: systemClock },
        { project, point, trigger: options.trigger },
        host.signal,
      );
      const row = await shown(
        host,
        run,
        () => runDrill(dependencies, { ...settings, furtherChecks }, run, host.signal),
      );
      return {
        exitCode: exitCodeOfRun(row),
        json: { recoveryPoint: row.recovery_point, drill: row },
        text: `Recovery point ${row.recovery_point}\n${describeRun(row)}${describeChecks(row)}`,
      };
    })
  );
for (const option of scratchOptions()) drill.addOption(option);

function describeChecks({ details }: BackupHistoryRow): string {
  const { restoreMs, bytesPerSecond, tables = [], queries = [], checks = [] } = (details ?? {}) as Partial<
    DrillDetails
  >;
  if (restoreMs === undefined || bytesPerSecond === undefined) return "";
  const results = [...checks, ...queries.map(({ query, ...result }) => ({ name: query, ...result }))];
  return [
    "",
    `Measured recovery time of the database: ${formatDuration(restoreMs)} (${
      formatDecimalBytes(bytesPerSecond)
    } a second)`,
    `${tables.filter(({ equal }) => equal).length} of ${tables.length} tables are equal to the backup, row by row ` +
    "(a partitioned one counts by its partitions)",
    ...tables.filter(({ equal }) => !equal).map(({ name }) => `FAILED   ${name} is not equal`),
    ...results.map(({ name, passed, reason }) =>
      `${passed ? "passed  " : "FAILED  "} ${name}${reason === null ? "" : `: ${reason}`}`
    ),
  ].join("\n");
}

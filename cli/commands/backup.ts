import { exitCodeOfError, exitCodeOfRun, worstOf } from "../exit_code.ts";
import { composeRuns, runBoth } from "../own_run.ts";
import { newCommand, perform } from "../perform.ts";
import { jobsOption, pinOption, triggerOption } from "../common_options.ts";
import { describeRun } from "../run_text.ts";

export const backup = newCommand("backup", "back up the database, then every Storage object, as one recovery point")
  .option("--database-only", "leave the files to backup-maintenance, or to `media --point`")
  .option("--label <text>", 'shown in the history, for example "before migration"')
  .addOption(jobsOption())
  .addOption(pinOption())
  .addOption(triggerOption())
  .action((options) =>
    perform(options, async (host) => {
      const runs = await runBoth(host, composeRuns(host), options, options.databaseOnly === true);
      const { database, media, mediaFailure } = runs;
      const point = database.recovery_point;
      return {
        exitCode: worstOf([
          exitCodeOfRun(database),
          ...media ? [exitCodeOfRun(media)] : [],
          ...mediaFailure ? [exitCodeOfError(mediaFailure)] : [],
        ]),
        json: {
          recoveryPoint: point,
          database,
          media,
          mediaError: mediaFailure &&
            { code: mediaFailure.code, message: mediaFailure.message, hint: mediaFailure.hint },
        },
        text: [
          `Recovery point ${point}`,
          describeRun(database),
          ...media ? [describeRun(media)] : [],
          ...mediaFailure ? [`media    not started: ${mediaFailure.message} (${mediaFailure.code})`] : [],
        ].join("\n"),
      };
    })
  );

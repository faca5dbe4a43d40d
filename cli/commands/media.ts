import { exitCodeOfRun } from "../exit_code.ts";
import { beginRun, composeRuns, runMedia } from "../own_run.ts";
import { newCommand, perform } from "../perform.ts";
import { pinOption, triggerOption } from "../common_options.ts";
import { describeRun } from "../run_text.ts";

export const media = newCommand("media", "back up every Storage object; copies only what is not stored yet")
  .option("--point <timestamp>", "the files of this recovery point's dump (default: a point of their own, as of now)")
  .option("--label <text>", "shown in the history")
  .addOption(pinOption())
  .addOption(triggerOption())
  .action((options) =>
    perform(options, async (host) => {
      const composition = composeRuns(host);
      const row = await runMedia(host, composition, await beginRun(composition, "media", options, options.point));
      return {
        exitCode: exitCodeOfRun(row),
        json: { recoveryPoint: row.recovery_point, media: row },
        text: `Recovery point ${row.recovery_point}\n${describeRun(row)}`,
      };
    })
  );

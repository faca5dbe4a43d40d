import { COMMAND_LINE_VERIFY, composeVerify } from "../../supabase/functions/_shared/compose/verify.ts";
import type { BackupHistoryRow, VerifyDetails } from "../../supabase/functions/_shared/contract/mod.ts";
import { runVerify } from "../../supabase/functions/_shared/engine/admin/run_verify.ts";
import { parsePoint } from "../../supabase/functions/_shared/engine/format/keys.ts";
import { newestPoint } from "../../supabase/functions/_shared/engine/points/mod.ts";
import { exitCodeOfRun } from "../exit_code.ts";
import { formatCount, formatDecimalBytes } from "../figures.ts";
import { beginRun, composeRuns, shown } from "../own_run.ts";
import { examples, newCommand, perform } from "../perform.ts";
import { describeRun } from "../run_text.ts";
import { usage } from "../settings.ts";
import { percentArgument, triggerOption } from "../common_options.ts";

export const verify = newCommand("verify", "read the stored bytes of a recovery point back and say what is damaged")
  .argument("[point]", "timestamp as `list` shows it, or latest", "latest")
  .option("--sample <percent>", "read this share of the bytes (default: 5%, but at least 20 MB)", percentArgument)
  .option("--deep", "read every byte")
  .addOption(triggerOption())
  .addHelpText(
    "after",
    examples(
      ["verify", "a sample of the newest recovery point"],
      ["verify 2026-11-21T02-17-00Z --deep", "every byte of this one"],
    ),
  )
  .action((wanted, options) =>
    perform(options, async (host) => {
      if (options.deep && options.sample !== undefined) {
        throw usage("--deep and --sample exclude each other.");
      }
      const composition = composeRuns(host);
      const point = wanted === "latest"
        ? await newestPoint(composition.database, composition.configuration.project, host.signal)
        : wanted;
      parsePoint(point);
      const coverage = {
        coverage: options.deep ? "deep" as const : "sample" as const,
        ...options.sample !== undefined && { samplePercent: options.sample },
      };
      const run = await beginRun(composition, "verify", { trigger: options.trigger }, point);
      const row = await shown(
        host,
        run,
        () => runVerify(composeVerify(composition), COMMAND_LINE_VERIFY, coverage, run, host.signal),
      );
      return {
        exitCode: exitCodeOfRun(row),
        json: { recoveryPoint: point, verify: row },
        text: `Recovery point ${point}\n${describeRun(row)}${describeCoverage(row)}`,
      };
    })
  );

function describeCoverage({ details }: BackupHistoryRow): string {
  const { coverage, damage = [] } = (details ?? {}) as Partial<VerifyDetails>;
  if (!coverage) return "";
  const { bytesChecked, bytesTotal, membersChecked, membersTotal, filesChecked, filesRead, filesTotal } = coverage;
  return [
    "",
    `Read     ${formatDecimalBytes(bytesChecked)} of ${formatDecimalBytes(bytesTotal)}: ` +
    `${membersChecked} of ${membersTotal} parts of the dump, ${formatCount(filesRead)} of ${
      formatCount(filesTotal)
    } files; ` +
    `${formatCount(filesChecked)} files were found in the right size and version`,
    ...damage.map(({ what, key, reason }) => `DAMAGED  ${what} in ${key}: ${reason}`),
  ].join("\n");
}

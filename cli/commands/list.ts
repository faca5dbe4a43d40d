import { describePoint, type ListedPoint } from "../../supabase/functions/_shared/engine/points/mod.ts";
import { EXIT_CODES, type ExitCode } from "../exit_code.ts";
import { formatDecimalBytes, formatTable } from "../figures.ts";
import { newCommand, perform } from "../perform.ts";
import { storedPoints } from "../stored_points.ts";
import { countArgument } from "../common_options.ts";

export const list = newCommand("list", "list the recovery points in the bucket; needs S3's settings only")
  .option("--limit <count>", "show only the newest; 0 shows all", countArgument, 30)
  .action((options) =>
    perform(options, async (host) => {
      const { store, points: found } = await storedPoints(host);
      const shown = options.limit === 0 ? found : found.slice(0, options.limit);
      const points: ListedPoint[] = [];
      for (const point of shown) points.push(await describePoint(store, point, host.signal));
      return {
        exitCode: exitCodeOf(points),
        json: { points, total: found.length },
        text: points.length === 0 ? "The bucket holds no recovery point." : describe(points, found.length),
      };
    })
  );

function exitCodeOf(points: readonly ListedPoint[]): ExitCode {
  const damaged = points.some(({ problems }) => problems.some(({ code }) => code === "manifest_damaged"));
  return damaged ? EXIT_CODES.damaged : EXIT_CODES.done;
}

function describe(points: readonly ListedPoint[], total: number): string {
  const severalProjects = new Set(points.map(({ project }) => project)).size > 1;
  const head = [...severalProjects ? ["PROJECT"] : [], "POINT", "TABLES", "ROWS", "DUMP", "FILES", "SIZE", "STATE"];
  const table = formatTable(
    head,
    points.map(({ project, recoveryPoint, database, media, complete, problems }) => [
      ...severalProjects ? [project] : [],
      recoveryPoint,
      database?.tables ?? "-",
      database?.rows ?? "-",
      database ? formatDecimalBytes(database.bytes) : "-",
      media?.files ?? "-",
      media ? formatDecimalBytes(media.bytes) : "-",
      complete ? "complete" : problems.map(({ message }) => message).join(" "),
    ]),
  );
  return total > points.length ? `${table}\n${total - points.length} older ones: --limit 0 shows all.` : table;
}

import type { Result } from "./contest.ts";
import type { GrowthBench } from "./growth.ts";
import type { DatabaseBench } from "./database.ts";
import type { describeMachine } from "./machine.ts";
import type { MediaBench } from "./media.ts";
import type { RestoreBench } from "./restore.ts";
import { rounded, type Summary } from "./sample.ts";

export interface Report {
  readonly machine: Awaited<ReturnType<typeof describeMachine>>;
  readonly command: string;
  readonly seed: number;
  readonly rounds: number;
  readonly database: readonly DatabaseBench[];
  readonly restore?: RestoreBench;
  readonly media: readonly MediaBench[];
  readonly growth: readonly GrowthBench[];
  readonly seconds: number;
}

/** The platform kills a worker after this much CPU. */
const CPU_LIMIT_MS = 2_000;

/** The report as Markdown, which docs/PERFORMANCE.md holds. */
export function asText(report: Report): string {
  const { machine, database, restore, media, growth } = report;
  return [
    `\`${report.command}\`: seed ${report.seed}, medians of ${report.rounds}, ${report.seconds} s in all. ` +
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGigabytes} GB, ${machine.system}, Deno ${machine.deno}, ` +
    `commit ${machine.commit}, ${machine.startedAt}; load before: ${machine.loadBefore}.`,
    ...database.map((bench) =>
      section(`Dump of ${bench.tablesMebibytes} MiB of tables`, bench.results, bench.reference)
    ),
    ...restore
      ? [section(`Restore of ${restore.tablesMebibytes} MiB of tables`, restore.results, restore.reference)]
      : [],
    ...media.flatMap(({ set, firstRun, secondRun, reference }) => [
      section(`Files, ${set.name}, first run`, firstRun, reference),
      section(`Files, ${set.name}, nothing changed`, secondRun, reference),
    ]),
    ...growth.length > 0 ? [growthTable(growth)] : [],
    worth(report),
  ].join("\n\n");
}

const HEAD = "| | wall s (least–most) | CPU s: own | PostgreSQL | S3 server | peak MB | output MiB |";

function section(title: string, results: readonly Result[], reference: string): string {
  return [
    `### ${title}`,
    "",
    `${HEAD} wall / ${reference} | all CPU |`,
    "|---|---|---|---|---|---|---|---|---|",
    ...results.map(({ name, absent, median, ofReference }) =>
      median
        ? `| ${cell(name)} | ${figures(median)} | ${ofReference?.wall ?? 1} | ${ofReference?.cpu ?? 1} |`
        : `| ${cell(name)} | ${cell(absent ?? "")} | | | | | | | |`
    ),
  ].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function figures(summary: Summary): string {
  const [least, most] = summary.wallSecondsRange;
  return [
    `${summary.wallSeconds} (${least}–${most})`,
    summary.cpuSeconds,
    summary.databaseCpuSeconds,
    summary.storeCpuSeconds,
    Math.round(summary.peakMegabytes),
    summary.outputMebibytes === undefined ? "" : Math.round(summary.outputMebibytes),
  ].join(" | ");
}

function growthTable(growth: readonly GrowthBench[]): string {
  return [
    "### A run in which no object has changed",
    "",
    "| objects | | wall s | CPU s | PostgreSQL's CPU s | peak MB | µs an object: wall | CPU | PostgreSQL's |",
    "|---|---|---|---|---|---|---|---|---|",
    ...growth.flatMap(({ objects, ways }) =>
      ways.map(({ name, median, microsecondsPerObject: each }) =>
        `| ${objects} | ${name} | ${median.wallSeconds} | ${median.cpuSeconds} | ${median.databaseCpuSeconds} | ` +
        `${Math.round(median.peakMegabytes)} | ${each.wall} | ${each.cpu} | ${each.databaseCpu} |`
      )
    ),
  ].join("\n");
}

/** What a function spends CPU on, and how much of it the platform's limit allows. */
function worth({ database, media }: Report): string {
  const edge = (results: readonly Result[]) => results.find(({ name }) => name.includes("edge"))?.median;
  const lines = [
    ...database.flatMap(({ results }) => {
      const found = edge(results)?.figures;
      const ms = found?.cpuMillisecondsPerMebibyteOfJson;
      return ms
        ? [
          `| ${Math.round(found.jsonMebibytes)} MiB of JSON | ${rounded(ms)} ms a MiB | ` +
          `${Math.round(CPU_LIMIT_MS / ms)} MiB | ${found.workers} |`,
        ]
        : [];
    }),
    ...media.flatMap(({ set, firstRun }) => {
      const found = edge(firstRun)?.figures;
      const ms = found?.cpuMillisecondsPerFile;
      const perMebibyte = found?.cpuMillisecondsPerMebibyte;
      return ms && perMebibyte
        ? [
          `| files, ${set.name} | ${rounded(ms)} ms each, ${rounded(perMebibyte)} ms a MiB | ` +
          `${rounded(CPU_LIMIT_MS / ms)} files | ${found.workers} |`,
        ]
        : [];
    }),
  ];
  return [
    "### CPU inside functions",
    "",
    "| | CPU, the start of every worker included | 2 s are worth | workers that did it |",
    "|---|---|---|---|",
    ...lines,
  ].join("\n");
}

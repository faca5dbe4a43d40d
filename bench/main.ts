// npm run bench -- [--quick] [--json] [--only database,restore,media,growth] [--seed 1] [--rounds 5] compares Lifeboat
// with other tools in one run on one machine; docs/PERFORMANCE.md explains the figures. `-- function-memory
// [--gigabytes 2]` measures only the database function, `-- whole-size [--gigabytes 2] [--files 100000]` backs up,
// restores and compares.
import process from "node:process";
import { parseArgs } from "node:util";
import { benchDatabase, type DatabaseBench } from "./database.ts";
import { functionMemory } from "./function_memory.ts";
import { benchGrowth, type GrowthBench } from "./growth.ts";
import { describeMachine } from "./machine.ts";
import { benchMedia, type MediaBench } from "./media.ts";
import { asText, type Report } from "./report.ts";
import { benchRestore } from "./restore.ts";
import { startStage } from "./stage.ts";
import { wholeSize } from "./whole_size.ts";

/** Sizes of the measured work. Quick ones end within five minutes on two cores. */
const SIZES = {
  full: {
    rounds: 5,
    gigabytes: [0.5, 2],
    restoreGigabytes: 0.5,
    media: [
      { name: "10,000 × 20 kB", files: 10_000, bytes: 20_000 },
      { name: "1,000 × 1 MB", files: 1_000, bytes: 1_000_000 },
      { name: "20 × 200 MB", files: 20, bytes: 200_000_000 },
    ],
    objects: [10_000, 100_000, 1_000_000],
  },
  quick: {
    rounds: 3,
    gigabytes: [0.15],
    restoreGigabytes: 0.05,
    media: [
      { name: "500 × 20 kB", files: 500, bytes: 20_000 },
      { name: "50 × 1 MB", files: 50, bytes: 1_000_000 },
      { name: "2 × 50 MB", files: 2, bytes: 50_000_000 },
    ],
    objects: [1_000, 10_000, 50_000],
  },
} as const;

const PARTS = ["database", "restore", "media", "growth"] as const;

const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    only: { type: "string", default: PARTS.join(",") },
    seed: { type: "string", default: "1" },
    rounds: { type: "string" },
    gigabytes: { type: "string", default: "2" },
    files: { type: "string", default: "100000" },
    "file-bytes": { type: "string", default: "10000" },
  },
});

async function everything(): Promise<Report> {
  const sizes = values.quick ? SIZES.quick : SIZES.full;
  const rounds = Number(values.rounds ?? sizes.rounds);
  const seed = Number(values.seed);
  const wanted = values.only.split(",");
  const unknown = wanted.find((part) => !(PARTS as readonly string[]).includes(part));
  if (unknown !== undefined || !(rounds >= 1) || !Number.isInteger(seed)) {
    console.error(`--only takes some of ${PARTS.join(",")}; --rounds and --seed take whole numbers.`);
    process.exit(2);
  }
  const say = (line: string) => console.error(line);
  const startedMs = performance.now();
  const machine = await describeMachine();
  await using stage = await startStage();
  const database: DatabaseBench[] = [];
  for (const gigabytes of wanted.includes("database") ? sizes.gigabytes : []) {
    database.push(await benchDatabase(stage, gigabytes, seed, rounds, say));
  }
  const restore = wanted.includes("restore")
    ? await benchRestore(stage, sizes.restoreGigabytes, seed, rounds, say)
    : undefined;
  const media: MediaBench[] = [];
  for (const set of wanted.includes("media") ? sizes.media : []) {
    media.push(await benchMedia(stage, set, seed, rounds, say));
  }
  const growth: GrowthBench[] = [];
  for (const objects of wanted.includes("growth") ? sizes.objects : []) {
    growth.push(await benchGrowth(stage, objects, rounds, say));
  }
  return {
    machine,
    command: `npm run bench -- ${Deno.args.join(" ")}`.trim(),
    seed,
    rounds,
    database,
    ...restore && { restore },
    media,
    growth,
    seconds: Math.round((performance.now() - startedMs) / 1000),
  };
}

if (positionals[0] === "function-memory") {
  console.log(JSON.stringify(await functionMemory(Number(values.gigabytes)), null, 2));
} else if (positionals[0] === "whole-size") {
  const [gigabytes, files, fileBytes] = [values.gigabytes, values.files, values["file-bytes"]].map(Number);
  const figures = await wholeSize(gigabytes, files, fileBytes, Number(values.seed), (line) => console.error(line));
  console.log(JSON.stringify(figures, null, 2));
} else if (positionals.length > 0) {
  console.error("Which one? function-memory, whole-size, or nothing for all that stands side by side");
  process.exit(2);
} else {
  const report = await everything();
  console.log(values.json ? JSON.stringify(report, null, 2) : asText(report));
}

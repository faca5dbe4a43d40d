// growth.test.ts runs this file in a process of its own. It makes the invocations of one media run and prints the CPU
// time that each took on one line.
import { createHttpStorageSource } from "../../supabase/functions/_shared/adapters/storage/http.ts";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { nodeChecksums } from "../../supabase/functions/_shared/adapters/node/checksum.ts";
import { nodeGzip } from "../../supabase/functions/_shared/adapters/node/gzip.ts";
import { createS3ObjectStore } from "../../supabase/functions/_shared/adapters/s3/object_store.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import { workOnMedia } from "../../supabase/functions/_shared/engine/media/backup_media.ts";
import { createBudget } from "../../supabase/functions/_shared/engine/run/budget.ts";
import { plainRun } from "./plain_run.ts";
import { SECRET_KEY } from "./storage_server.ts";

const { databaseUrl, supabaseUrl, s3, recoveryPoint, stepBytes } = JSON.parse(Deno.args[0]);
const dependencies = {
  database: createPostgresDatabase({ url: databaseUrl }),
  store: createS3ObjectStore(s3),
  source: createHttpStorageSource({ supabaseUrl, secretKey: SECRET_KEY }),
  checksums: nodeChecksums,
  compressor: nodeGzip,
  clock: systemClock,
};
const run = plainRun(recoveryPoint);
const cpuSeconds: number[] = [];
let outcome;
for (let begins = true; !outcome; begins = false) {
  const before = await cpuSecondsNow();
  const budget = createBudget({ bytes: stepBytes, wallMs: 40_000 }, systemClock);
  const invocation = { id: crypto.randomUUID(), begins, budget };
  const step = await workOnMedia(dependencies, { project: "sample", r2Sources: [] }, run, invocation);
  cpuSeconds.push(Math.round((await cpuSecondsNow() - before) * 100) / 100);
  if (step.state === "closed") outcome = step.outcome;
}
const peak = /VmHWM:\s+(\d+) kB/.exec(await Deno.readTextFile("/proc/self/status"))![1];
const { status, files, bytes } = outcome;
console.log(JSON.stringify({ status, files, bytes, cpuSeconds, peakMb: Math.round(Number(peak) / 1024) }));

/** The CPU time of this process: the sum of utime and stime, which the kernel counts in hundredths of a second. */
async function cpuSecondsNow(): Promise<number> {
  const [user, system] = (await Deno.readTextFile("/proc/self/stat")).split(" ").slice(13, 15).map(Number);
  return (user + system) / 100;
}

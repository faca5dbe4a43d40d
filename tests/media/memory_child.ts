// memory.test.ts runs this file in a process of its own. It makes one media backup and prints the largest resident set
// and the CPU time on one line.
import { createHttpStorageSource } from "../../supabase/functions/_shared/adapters/storage/http.ts";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { nodeChecksums } from "../../supabase/functions/_shared/adapters/node/checksum.ts";
import { nodeGzip } from "../../supabase/functions/_shared/adapters/node/gzip.ts";
import { createS3ObjectStore } from "../../supabase/functions/_shared/adapters/s3/object_store.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import { backupMedia } from "../../supabase/functions/_shared/engine/media/backup_media.ts";
import { plainRun, point } from "./plain_run.ts";
import { SECRET_KEY } from "./storage_server.ts";

const { databaseUrl, supabaseUrl, s3 } = JSON.parse(Deno.args[0]);
const outcome = await backupMedia(
  {
    database: createPostgresDatabase({ url: databaseUrl }),
    store: createS3ObjectStore(s3),
    source: createHttpStorageSource({ supabaseUrl, secretKey: SECRET_KEY }),
    checksums: nodeChecksums,
    compressor: nodeGzip,
    clock: systemClock,
  },
  { project: "sample" },
  plainRun(point(1)),
);
const peak = /VmHWM:\s+(\d+) kB/.exec(await Deno.readTextFile("/proc/self/status"))![1];
// utime and stime are counted in hundredths of a second.
const [user, system] = (await Deno.readTextFile("/proc/self/stat")).split(" ").slice(13, 15).map(Number);
const cpuSeconds = (user + system) / 100;
console.log(
  JSON.stringify({ status: outcome.status, files: outcome.files, peakMb: Math.round(Number(peak) / 1024), cpuSeconds }),
);

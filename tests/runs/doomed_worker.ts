// A worker that starts a run, records an upload, prints a line when it has done so, and works until it is killed.
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import { executeRun, startRun } from "../../supabase/functions/_shared/engine/run/run_store.ts";
import { DATABASE_RUN, FAST } from "./harness.ts";

const [url, uploadId] = Deno.args;
const database = createPostgresDatabase({ url });
const run = await startRun({ database, clock: systemClock, timing: FAST }, DATABASE_RUN);
await executeRun(run, async (run) => {
  run.report({ phase: "tables", tablesDone: 3 });
  await run.remember({ uploadKey: "backups/half.json.gz", uploadId });
  console.log(run.id);
  return await new Promise<never>(() => {});
});

import { deepStrictEqual } from "node:assert/strict";
import { testSources } from "./source_files.ts";

/**
 * Waits by the clock that are left, by file. A test that sleeps is red on a busy machine or proves nothing on a fast one:
 * ask for the condition instead (tests/support/eventually.ts, pg_stat_activity, pg_locks). The numbers may only shrink.
 */
const left: Readonly<Record<string, number>> = {
  "supabase/functions/_shared/adapters/notify/resend_mailer.test.ts": 1,
  "supabase/functions/_shared/adapters/storage/body.test.ts": 1,
  "supabase/functions/_shared/engine/media/part_memory.test.ts": 2,
  "supabase/functions/_shared/engine/store/limiting_store.test.ts": 1,
  "supabase/functions/_shared/engine/store/turnstile.test.ts": 1,
  "tests/cli/backup_script.test.ts": 1,
  "tests/conformance/object_store.ts": 1,
  "tests/conformance/s3_faults.test.ts": 2,
  "tests/drill/drill.test.ts": 1,
  "tests/dump/chain.test.ts": 2,
  "tests/dump/chain_races.test.ts": 1,
  "tests/dump/chain_stage.ts": 3,
  "tests/dump/session.test.ts": 2,
  "tests/media/crew.ts": 1,
  "tests/media/pauses.test.ts": 1,
  "tests/media/storage_http.test.ts": 3,
  "tests/restore/interruption.test.ts": 1,
  "tests/runs/doomed_worker.ts": 2,
  "tests/runs/faults.test.ts": 1,
  "tests/runs/harness.ts": 2,
  "tests/runs/record_restore.test.ts": 1,
  "tests/runs/run_store.test.ts": 4,
  "tests/soak/dump_stops.test.ts": 1,
  "tests/soak/media_stage.ts": 1,
  "tests/stack/function_host.test.ts": 2,
  "tests/stack/function_limits.test.ts": 2,
  "tests/stack/functions/greedy/index.ts": 1,
  "tests/stack/functions/hello/index.ts": 1,
  "tests/stack/main.test.ts": 1,
  "tests/stack/postgres.test.ts": 1,
  "tests/stack/stack.test.ts": 1,
  "tests/support/eventually.ts": 1,
  "tests/support/faulty_proxy.ts": 1,
  "tests/support/live_project.ts": 1,
  "tests/support/s3_server.ts": 1,
};

Deno.test("no test waits by the clock for what can be asked", async () => {
  const found: Record<string, number> = {};
  for await (const { path, text } of testSources(new URL("../../", import.meta.url))) {
    const sleeps = [...text.matchAll(/\bsetTimeout\(|\bsleep\(\d/g)].length;
    if (sleeps > 0) found[path] = sleeps;
  }
  deepStrictEqual(found, left);
});

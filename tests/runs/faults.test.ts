import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { hasCode } from "../../supabase/functions/_shared/engine/errors.ts";
import { closeAbandonedRuns } from "../../supabase/functions/_shared/engine/maintenance/close_abandoned_runs.ts";
import { returnUploads } from "../../supabase/functions/_shared/engine/maintenance/return_uploads.ts";
import { executeRun, startRun } from "../../supabase/functions/_shared/engine/run/run_store.ts";
import { startTestServer } from "../support/test_server.ts";
import { storeOn } from "../support/s3_server.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";
import { DATABASE_RUN, FAST, type RunProject, runProject } from "./harness.ts";
import { startSilentProxy } from "./silent_proxy.ts";
import { eventually } from "../support/eventually.ts";

/** What a busy machine may add: far less than a run takes that never learns of its lost lease. */
const BUSY_MS = 30_000;

/** What maintenance closes once a lease has run out. */
function untilClosed({ database }: RunProject) {
  return eventually("the lease has run out", async () => {
    const closed = await closeAbandonedRuns(database);
    return closed.length > 0 && closed;
  });
}

const FOREVER = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

Deno.test("a run whose database is gone stops with lease_lost, and says so when the database is back in time", async () => {
  const server = await startTestServer();
  try {
    const project = await runProject(server);
    const dependencies = { ...project.dependencies, timing: { ...FAST, settleMs: 8_000 } };
    const run = await startRun(dependencies, DATABASE_RUN);
    const startedMs = Date.now();
    let stoppedMs = 0;
    const ended = executeRun(run, async (run) => {
      const paused = await server.pause();
      await FOREVER(run.signal).catch(() => stoppedMs = Date.now());
      await paused.start();
      throw run.signal.reason;
    });
    const row = await ended;
    deepStrictEqual([row.status, row.error_code], ["failed", "lease_lost"]);
    match(row.error_message!, /could not be reached/);
    ok(stoppedMs - startedMs < FAST.leaseMs + BUSY_MS, `stopped after ${stoppedMs - startedMs} ms`);
  } finally {
    await server.stop();
  }
});

Deno.test("a run that cannot write its end is closed by maintenance later", async () => {
  const server = await startTestServer();
  try {
    const project = await runProject(server);
    const run = await startRun(project.dependencies, DATABASE_RUN);
    let paused: { start(): Promise<void> } | undefined;
    const ended = executeRun(run, async () => {
      paused = await server.pause();
      return { status: "success", details: {} };
    });
    await rejects(ended, { code: "database_unreachable" });
    await paused!.start();
    const closed = await untilClosed(project);
    deepStrictEqual(closed.map((row) => [row.id, row.status, row.error_code]), [[run.id, "failed", "run_abandoned"]]);
    deepStrictEqual(await closeAbandonedRuns(project.database), []);
  } finally {
    await server.stop();
  }
});

Deno.test("a database that falls silent without closing the connection costs the lease, not more time than it", async () => {
  const server = await startTestServer();
  try {
    const project = await runProject(server);
    await using proxy = startSilentProxy(server.postgres.port);
    const url = new URL(project.url);
    url.port = String(proxy.port);
    const database = createPostgresDatabase({ url: url.href, stallTimeoutMs: 1_000 });
    const run = await startRun({ ...project.dependencies, database }, DATABASE_RUN);
    const startedMs = Date.now();
    let stoppedMs = 0;
    const ended = executeRun(run, async (run) => {
      proxy.silent = true;
      await FOREVER(run.signal).catch((reason) => {
        stoppedMs = Date.now();
        throw reason;
      });
      return { status: "success", details: {} };
    });
    await rejects(ended, (error) => hasCode(error, "database_connection_lost", "database_unreachable"));
    strictEqual(run.signal.reason.code, "lease_lost");
    ok(stoppedMs - startedMs < FAST.leaseMs + BUSY_MS, `stopped after ${stoppedMs - startedMs} ms`);
    ok(Date.now() - stoppedMs < FAST.settleMs + BUSY_MS, `gave up after ${Date.now() - stoppedMs} ms`);
    deepStrictEqual((await untilClosed(project)).map(({ id }) => id), [run.id]);
    await eventually("no connection is left open", () => proxy.clients === 0);
  } finally {
    await server.stop();
  }
});

// versitygw is needed because s3rver cannot abort an upload.
const missing = await versitygwIsMissing();
Deno.test({
  name: "a worker killed mid-run is closed once its lease has run out, and its upload is given back" +
    (missing ? `: ${missing}` : ""),
  ignore: missing !== undefined,
  fn: killedWorker,
});

async function killedWorker(): Promise<void> {
  const server = await startTestServer();
  await using s3 = await startVersitygw();
  try {
    const project = await runProject(server);
    const store = storeOn(s3);
    const upload = await store.openUpload("backups/half.json.gz", { contentType: "application/gzip" });
    const worker = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        new URL("doomed_worker.ts", import.meta.url).pathname,
        project.url,
        upload.uploadId,
      ],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = worker.stdout.getReader();
    const id = new TextDecoder().decode((await reader.read()).value).trim();
    await eventually(
      "it has said how far it is",
      async () => (await project.sql("select from backup_history where progress ->> 'phase' = 'tables'")).length === 1,
    );
    deepStrictEqual(await closeAbandonedRuns(project.database), [], "it is alive");
    worker.kill("SIGKILL");
    await worker.status;
    await reader.cancel();

    const [{ heard }] = await project.sql<{ heard: Date }>("select heartbeat_at as heard from lifeboat.leases");
    const closed = await untilClosed(project);
    strictEqual(closed.length, 1);
    deepStrictEqual([closed[0].id, closed[0].status, closed[0].error_code], [id, "failed", "run_abandoned"]);
    match(closed[0].error_message!, /in phase tables/);
    strictEqual(Date.parse(closed[0].finished_at!), heard.getTime(), "it ended when it was last heard of");

    const gone = storeOn(s3, { endpoint: "http://127.0.0.1:1" });
    const failed = await returnUploads(project.database, gone);
    deepStrictEqual([failed.aborted, failed.failures.map(({ code }) => code)], [0, ["store_unavailable"]]);
    deepStrictEqual(await returnUploads(project.database, store), { aborted: 1, failures: [] });
    const part = new Uint8Array(10);
    await rejects(upload.putPart(1, part), "the upload is gone");
    deepStrictEqual(await returnUploads(project.database, store), { aborted: 0, failures: [] });

    const next = await startRun(project.dependencies, DATABASE_RUN);
    strictEqual((await executeRun(next, () => Promise.resolve({ status: "success", details: {} }))).status, "success");
  } finally {
    await server.stop();
  }
}

Deno.test("a running row that no lease covers, as in a restored history, is closed", async () => {
  const server = await startTestServer();
  try {
    const project = await runProject(server);
    await project.sql(`insert into backup_history (kind, status, trigger, project, recovery_point, started_at)
      values ('media', 'running', 'cron', 'sample', '2026-01-01T00-00-00Z', '2026-01-01')`);
    const [closed] = await closeAbandonedRuns(project.database);
    deepStrictEqual([closed.status, closed.error_code, closed.duration_ms], ["failed", "run_abandoned", 0]);
  } finally {
    await server.stop();
  }
});

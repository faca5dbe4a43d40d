import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { hasCode, LifeboatError } from "../../supabase/functions/_shared/engine/errors.ts";
import type { RunOutcome } from "../../supabase/functions/_shared/engine/run/run.ts";
import { requestCancel } from "../../supabase/functions/_shared/engine/run/cancel_run.ts";
import { executeRun, startRun } from "../../supabase/functions/_shared/engine/run/run_store.ts";
import { POSTGRES_15, testOnPostgres15 } from "../support/postgres.ts";
import { beginRunOfKind, DATABASE_RUN, FAST, MEDIA_RUN, type RunProject, withProjects } from "./harness.ts";
import { eventually } from "../support/eventually.ts";

const DONE: RunOutcome = {
  status: "success",
  bytes: 10,
  rawBytes: 2 ** 40,
  rows: 5,
  tables: 2,
  details: { ledger: [] },
};
const POINT = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/;

const TESTS: Record<string, (project: RunProject) => Promise<void>> = {
  "a run is recorded while it works and when it has ended": async (project) => {
    const run = await startRun(project.dependencies, { ...DATABASE_RUN, label: "before migration", pinned: true });
    match(run.recoveryPoint, POINT);
    const [{ status, label, pinned }] = await project.sql("select * from backup_history where id = $1", [run.id]);
    deepStrictEqual([status, label, pinned], ["running", "before migration", true]);

    const row = await executeRun(run, async () => {
      await eventually("the run is 20 ms old", async () =>
        (await project.sql(
          "select from backup_history where id = $1 and clock_timestamp() > started_at + interval '20 ms'",
          [run.id],
        )).length === 1);
      return DONE;
    });
    strictEqual(row.status, "success");
    strictEqual(row.raw_bytes, 2 ** 40);
    strictEqual(row.recovery_point, run.recoveryPoint);
    ok(row.duration_ms! >= 20, String(row.duration_ms));
    const lastedMs = Date.parse(row.finished_at!) - Date.parse(row.started_at);
    // Both ends are cut to whole milliseconds.
    ok(Math.abs(row.duration_ms! - lastedMs) <= 1, `${row.duration_ms} of ${lastedMs} ms`);
    deepStrictEqual(row.details, { ledger: [] });
    strictEqual((await project.sql("select from pg_stat_activity where application_name = 'lifeboat run'")).length, 0);
  },

  "of twenty starts at once one wins and the others learn its id": async (project) => {
    // No heartbeat renews the lease, and twenty connections take long on a busy machine, so the lease is long.
    const patient = { ...project.dependencies, timing: { ...FAST, leaseMs: 120_000, answerMs: 60_000 } };
    const starts = await Promise.allSettled(Array.from({ length: 20 }, () => startRun(patient, DATABASE_RUN)));
    const winners = starts.filter((start) => start.status === "fulfilled").map((start) => start.value);
    strictEqual(winners.length, 1);
    for (const start of starts) {
      if (start.status === "fulfilled") continue;
      strictEqual(start.reason.code, "already_running");
      strictEqual(start.reason.kind, "conflict");
      strictEqual(start.reason.subject, winners[0].id);
    }
    strictEqual((await project.sql("select from backup_history")).length, 1);
    await executeRun(winners[0], () => Promise.resolve(DONE));
    await executeRun(await startRun(patient, DATABASE_RUN), () => Promise.resolve(DONE));
  },

  "points opened in the same second differ": async (project) => {
    const points = await Promise.all(
      Array.from(
        { length: 10 },
        () =>
          project.sql<{ point: string }>("select lifeboat.open_point('sample') as point").then(([{ point }]) => point),
      ),
    );
    strictEqual(new Set(points).size, 10);
    for (const point of points) match(point, POINT);
  },

  "a media run joins the point of its dump, beside the next dump": async (project) => {
    const dump = await startRun(project.dependencies, DATABASE_RUN);
    await executeRun(dump, () => Promise.resolve(DONE));
    const media = await beginRunOfKind(project.dependencies, { ...MEDIA_RUN, recoveryPoint: dump.recoveryPoint });
    strictEqual(media.recoveryPoint, dump.recoveryPoint);
    const next = await startRun(project.dependencies, DATABASE_RUN);
    ok(next.recoveryPoint !== dump.recoveryPoint);
    await Promise.all([executeRun(media, () => Promise.resolve(DONE)), executeRun(next, () => Promise.resolve(DONE))]);
    deepStrictEqual(
      await project.sql("select database_run, media_run from lifeboat.recovery_points where point = $1", [
        dump.recoveryPoint,
      ]),
      [{ database_run: dump.id, media_run: media.id }],
    );
  },

  "a point that does not exist is not joined": async (project) => {
    await rejects(
      beginRunOfKind(project.dependencies, { ...MEDIA_RUN, recoveryPoint: "2026-01-01T00-00-00Z" }),
      { code: "recovery_point_unknown" },
    );
    strictEqual((await project.sql("select from backup_history")).length, 0);
  },

  "a function of the database that answers in another shape is named, and nothing of its answer is believed": async (
    project,
  ) => {
    await project.sql(`create or replace function lifeboat.start_run(request jsonb, lease_ms integer) returns jsonb
      language sql as $$ select jsonb_build_object('run', jsonb_build_object('id', 5, 'label', 'geheim'), 'epoch', '1') $$`);
    await rejects(startRun(project.dependencies, DATABASE_RUN), (error: Error) => {
      match(error.message, /start_run in the database answered what this release does not know/);
      ok(!error.message.includes("geheim"));
      return hasCode(error, "database_answer_invalid");
    });
  },

  "a media run of the first version's command line is begun as every other": async (project) => {
    const ask = async () => {
      const [{ answer }] = await project.sql<{ answer: { run: { id: string }; epoch: string } }>(
        "select lifeboat.start_run($1, 600000) as answer",
        [JSON.stringify({ ...MEDIA_RUN, recoveryPoint: dump.recoveryPoint })],
      );
      return answer;
    };
    const dump = await startRun(project.dependencies, DATABASE_RUN);
    await executeRun(dump, () => Promise.resolve(DONE));
    const begun = await ask();
    await project.sql("update lifeboat.leases set expires_at = clock_timestamp() where kind = 'media'");
    deepStrictEqual([(await ask()).run.id, (await ask() as { running?: string }).running], [
      begun.run.id,
      begun.run.id,
    ]);
  },

  "a database without the migrations says so": async (project) => {
    await project.sql("drop schema lifeboat cascade");
    await rejects(startRun(project.dependencies, DATABASE_RUN), { code: "not_installed" });
  },

  "what the work throws becomes the row's code, sentence and hint": async (project) => {
    const run = await startRun(project.dependencies, DATABASE_RUN);
    const row = await executeRun(run, () =>
      Promise.reject(
        new LifeboatError({ code: "bucket_missing", kind: "permanent", message: "No such bucket.", hint: "Make it." }),
      ));
    deepStrictEqual(
      [row.status, row.error_code, row.error_message, row.error_hint],
      ["failed", "bucket_missing", "No such bucket.", "Make it."],
    );
  },

  "an unexpected error is recorded without the secrets and characters that may not be stored": async (project) => {
    const run = await startRun(project.dependencies, DATABASE_RUN);
    const row = await executeRun(run, () =>
      Promise.reject(
        new Error(`\0 postgres://u:geheim@h/db sb_secret_abcdefghij ?X-Amz-Signature=f00 ${"x".repeat(5_000)}`),
      ));
    strictEqual(row.error_code, "internal_error");
    strictEqual(row.error_message?.length, 2_000);
    ok(!/geheim|abcdefghij|f00/.test(row.error_message!), row.error_message!);
  },

  "details with characters that jsonb refuses are stored all the same": async (project) => {
    const run = await beginRunOfKind(project.dependencies, MEDIA_RUN);
    const row = await executeRun(run, () => Promise.resolve({ ...DONE, details: { path: "a\0b\ud800" } }));
    deepStrictEqual([row.status, row.details], ["success", { path: "a\ufffdb\ufffd" }]);
  },

  "an outcome that the database refuses is a failure, not a run for ever": async (project) => {
    const run = await startRun(project.dependencies, DATABASE_RUN);
    const row = await executeRun(run, () => Promise.resolve({ ...DONE, bytes: 1.5 }));
    deepStrictEqual([row.status, row.error_code], ["failed", "database_error"]);
  },

  "progress is written while the run works": async (project) => {
    const run = await startRun(project.dependencies, DATABASE_RUN);
    const row = await executeRun(run, async (run) => {
      run.report({ phase: "tables", tablesDone: 1, tablesTotal: 9 });
      await eventually(
        "the progress is in the history",
        async () =>
          (await project.sql("select from backup_history where progress ->> 'tablesDone' = '1'")).length === 1,
      );
      return DONE;
    });
    strictEqual(row.progress, null);
  },

  "a heartbeat keeps a run longer than its lease": async (project) => {
    const run = await startRun(project.dependencies, DATABASE_RUN);
    const [{ expiry }] = await project.sql<{ expiry: string }>(
      "select expires_at::text as expiry from lifeboat.leases where run_id = $1",
      [run.id],
    );
    const row = await executeRun(run, async (run) => {
      await eventually(
        "the lease of the start would have run out",
        async () => (await project.sql("select where clock_timestamp() > $1::timestamptz", [expiry])).length === 1,
      );
      await run.confirm();
      await rejects(startRun(project.dependencies, DATABASE_RUN), { code: "already_running" });
      return DONE;
    });
    strictEqual(row.status, "success");
  },

  "a run without heartbeat is taken over, and its holder can neither confirm nor settle": async (project) => {
    const dead = await startRun(project.dependencies, DATABASE_RUN);
    await project.sql("update lifeboat.leases set expires_at = clock_timestamp()");
    const heir = await startRun(project.dependencies, DATABASE_RUN);
    ok(BigInt(heir.epoch) > BigInt(dead.epoch));

    await rejects(executeRun(dead, () => Promise.resolve(DONE)), { code: "run_taken_over" });
    const zombie = executeRun(dead, async (run) => {
      await run.confirm();
      return DONE;
    });
    await rejects(zombie, { code: "run_taken_over" });
    ok(dead.signal.aborted);

    const [row] = await project.sql("select status, error_code, error_message from backup_history where id = $1", [
      dead.id,
    ]);
    deepStrictEqual([row.status, row.error_code], ["failed", "run_abandoned"]);
    match(String(row.error_message), /last heard of at/);
    strictEqual((await executeRun(heir, () => Promise.resolve(DONE))).status, "success");
  },

  "work that was taken over is told to stop": async (project) => {
    const run = await startRun(project.dependencies, DATABASE_RUN);
    const ended = executeRun(run, async (run) => {
      await project.sql("update lifeboat.leases set epoch = epoch + 1");
      await new Promise((_, reject) => run.signal.addEventListener("abort", () => reject(run.signal.reason)));
      return DONE;
    });
    await rejects(ended, { code: "run_taken_over" });
    await project.sql("update lifeboat.leases set run_id = null");
  },

  "a cancelled run stops and says so": async (project) => {
    const run = await startRun(project.dependencies, DATABASE_RUN);
    const row = await executeRun(run, async (run) => {
      strictEqual(await requestCancel(project.database, run.id), true);
      await new Promise((_, reject) => run.signal.addEventListener("abort", () => reject(new Error("socket closed"))));
      return DONE;
    });
    deepStrictEqual([row.status, row.error_code], ["cancelled", "run_cancelled"]);
    strictEqual(await requestCancel(project.database, run.id), false);
  },

  "confirm sees a cancel at once": async (project) => {
    const run = await startRun(project.dependencies, DATABASE_RUN);
    const row = await executeRun(run, async (run) => {
      await requestCancel(project.database, run.id);
      await run.confirm();
      return DONE;
    });
    strictEqual(row.status, "cancelled");
  },

  "a host that shuts down ends the run with its reason": async (project) => {
    const run = await startRun(project.dependencies, DATABASE_RUN);
    const host = new AbortController();
    const reason = new LifeboatError({ code: "worker_ending", kind: "transient", message: "Time is up.", hint: "-" });
    const row = await executeRun(run, async (run) => {
      host.abort(reason);
      await eventually("the run is told", () => run.signal.aborted);
      run.signal.throwIfAborted();
      return DONE;
    }, host.signal);
    deepStrictEqual([row.status, row.error_code], ["failed", "worker_ending"]);
  },

  "a terminated backend costs neither the run nor its lease": async (project) => {
    const run = await startRun(project.dependencies, DATABASE_RUN);
    const row = await executeRun(run, async (run) => {
      for (let times = 0; times < 3; times++) {
        const [{ at }] = await project.sql<{ at: string }>(
          `select clock_timestamp()::text as at, pg_terminate_backend(pid) from pg_stat_activity
           where application_name = 'lifeboat run'`,
        );
        await run.confirm();
        await eventually(
          "the lease is kept by another backend",
          async () =>
            (await project.sql("select from lifeboat.leases where heartbeat_at > $1::timestamptz", [at])).length === 1,
        );
      }
      return DONE;
    });
    strictEqual(row.status, "success");
  },

  "an upload is remembered until the run ends well": async (project) => {
    const run = await startRun(project.dependencies, DATABASE_RUN);
    const remembered = () => project.sql("select upload_key, upload_id from lifeboat.runs where run_id = $1", [run.id]);
    await executeRun(run, async (run) => {
      await run.remember({ uploadKey: "backups/a", uploadId: "u1" });
      deepStrictEqual(await remembered(), [{ upload_key: "backups/a", upload_id: "u1" }]);
      await run.remember(undefined);
      deepStrictEqual(await remembered(), [{ upload_key: null, upload_id: null }]);
      await run.remember({ uploadKey: "backups/a", uploadId: "u2" });
      return DONE;
    });
    deepStrictEqual(await remembered(), [{ upload_key: null, upload_id: null }]);
  },

  "the upload of a run that failed is remembered, so that maintenance gives it back": async (project) => {
    const run = await startRun(project.dependencies, DATABASE_RUN);
    const row = await executeRun(run, async (run) => {
      await run.remember({ uploadKey: "backups/a", uploadId: "u1" });
      throw new Error("no more");
    });
    strictEqual(row.status, "failed");
    deepStrictEqual(await project.sql("select upload_id from lifeboat.runs where run_id = $1", [run.id]), [{
      upload_id: "u1",
    }]);
  },

  "the upload of a worker that was given up does not hide that of the one who has the run": async (project) => {
    const run = await startRun(project.dependencies, DATABASE_RUN);
    await project.sql("update lifeboat.runs set epoch = epoch + 1, upload_key = 'backups/a', upload_id = 'u2'");
    for (const cleanup of [{ uploadKey: "backups/a", uploadId: "u1" }, undefined]) {
      await rejects(run.remember(cleanup), { code: "run_taken_over" });
    }
    deepStrictEqual(await project.sql("select upload_id from lifeboat.runs where run_id = $1", [run.id]), [{
      upload_id: "u2",
    }]);
    await run.connection.close();
  },

  "settling twice is settling once": async (project) => {
    const run = await startRun(project.dependencies, DATABASE_RUN);
    const settle = () =>
      project.sql<{ row: { finished_at: string } }>("select lifeboat.settle_run($1, $2, $3) as row", [
        run.id,
        run.epoch,
        JSON.stringify(DONE),
      ]);
    const [first] = await settle();
    deepStrictEqual(await settle(), [first]);
    await run.connection.close();
  },
};

Deno.test("runs on PostgreSQL 18", (test) => withProjects(test, TESTS));
testOnPostgres15("runs on PostgreSQL 15", (test) => withProjects(test, TESTS, POSTGRES_15));

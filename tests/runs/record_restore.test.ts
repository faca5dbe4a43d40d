import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { recordRestore } from "../../supabase/functions/_shared/engine/admin/record_restore.ts";
import type { LifeboatError } from "../../supabase/functions/_shared/engine/errors.ts";
import type { RestorePlan, RestoreReport } from "../../supabase/functions/_shared/engine/restore/mod.ts";
import { requestCancel } from "../../supabase/functions/_shared/engine/run/cancel_run.ts";
import { type RunProject, withProjects } from "./harness.ts";
import { eventually } from "../support/eventually.ts";

const plan = {
  project: "sample",
  recoveryPoint: "2026-11-21T02-17-00Z",
  request: { point: "latest" },
  database: null,
  warnings: [],
} as unknown as RestorePlan;
const report: RestoreReport = {
  status: "partial",
  planId: "p",
  project: plan.project,
  recoveryPoint: plan.recoveryPoint,
  database: null,
  media: null,
  problems: [{ kind: "file", identity: "a/b", reason: "It is gone." }],
};

/** Starts a restore that ends when the test says so, and collects the reasons why it could not be recorded. */
function start(project: RunProject) {
  const unrecorded: LifeboatError[] = [];
  const end = Promise.withResolvers<RestoreReport>();
  const result = recordRestore(
    project.dependencies,
    plan,
    (_, signal) => {
      signal.addEventListener("abort", () => end.reject(signal.reason));
      return end.promise;
    },
    (reason) => unrecorded.push(reason),
    new AbortController().signal,
  );
  result.catch(() => {});
  return { result, unrecorded, end: () => end.resolve(report) };
}

async function rows(project: RunProject) {
  return await project.sql<{ id: string; status: string; error_code: string | null }>(
    "select id, status, error_code from public.backup_history where kind = 'restore' order by started_at",
  );
}

const running = (project: RunProject) =>
  eventually("the restore is in the history", async () => (await rows(project))[0]?.status === "running");

const TESTS: Record<string, (project: RunProject) => Promise<void>> = {
  "a restore is in the history while it works and when it has ended": async (project) => {
    const restore = start(project);
    await running(project);
    restore.end();
    deepStrictEqual(await restore.result, report);
    const [{ status, error_code }] = await rows(project);
    deepStrictEqual([status, error_code, restore.unrecorded], ["partial", "restore_incomplete", []]);
  },

  "it stops when its run is cancelled": async (project) => {
    const restore = start(project);
    await running(project);
    strictEqual(await requestCancel(project.database, (await rows(project))[0].id), true);
    await rejects(restore.result, { code: "run_cancelled" });
    strictEqual((await rows(project))[0].status, "cancelled");
  },

  "it goes on without its run, and says so": async (project) => {
    const restore = start(project);
    await running(project);
    const [{ at }] = await project.sql<{ at: string }>(
      "update lifeboat.leases set epoch = epoch + 1 where kind = 'restore' returning clock_timestamp()::text as at",
    );
    await eventually("its heartbeat has met the new epoch", async () =>
      (await project.sql(
        "select from pg_stat_activity where application_name = 'lifeboat run' and query_start < $1::timestamptz",
        [at],
      )).length === 0);
    restore.end();
    deepStrictEqual(await restore.result, report);
    deepStrictEqual(restore.unrecorded.map(({ code }) => code), ["run_taken_over"]);
  },

  "a second one at the same time, or a history that is not there, keeps nobody from restoring": async (project) => {
    const first = start(project);
    await running(project);
    const second = start(project);
    second.end();
    deepStrictEqual(await second.result, report);
    deepStrictEqual(second.unrecorded.map(({ code }) => code), ["already_running"]);
    first.end();
    await first.result;
    await project.sql("drop schema lifeboat cascade");
    const third = start(project);
    third.end();
    deepStrictEqual(await third.result, report);
    deepStrictEqual(third.unrecorded.map(({ code }) => code), ["not_installed"]);
  },
};

Deno.test("the history of restores", (test) => withProjects(test, TESTS));

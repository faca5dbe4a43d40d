import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { createPointNotifier } from "../../supabase/functions/_shared/engine/notify/point_notifier.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import { LifeboatError } from "../../supabase/functions/_shared/engine/errors.ts";
import { maintain } from "../../supabase/functions/_shared/engine/maintenance/maintain.ts";
import { settlePoint } from "../../supabase/functions/_shared/engine/maintenance/settle_point.ts";
import { resumeMedia } from "../../supabase/functions/_shared/engine/maintenance/resume_media.ts";
import type { DamageAlert } from "../../supabase/functions/_shared/engine/notify/damage_email.ts";
import { createEmailNotifier } from "../../supabase/functions/_shared/engine/notify/email_notifier.ts";
import type {
  Notifier,
  NotifyResult,
  OverdueAlert,
  PointSummary,
} from "../../supabase/functions/_shared/engine/run/notifier.ts";
import type { RunOutcome, RunRequest } from "../../supabase/functions/_shared/engine/run/run.ts";
import { executeRun } from "../../supabase/functions/_shared/engine/run/run_store.ts";
import type { BackupHistoryRow } from "../../supabase/functions/_shared/contract/mod.ts";
import { POSTGRES_15, testOnPostgres15 } from "../support/postgres.ts";
import { storeOn } from "../support/s3_server.ts";
import { beginRunOfKind, DATABASE_RUN, MEDIA_RUN, type RunProject, withProjects } from "./harness.ts";

/** Keeps what would be sent, in place of the mail provider. */
class Outbox implements Notifier {
  readonly points: PointSummary[] = [];
  readonly alerts: OverdueAlert[] = [];
  readonly damage: DamageAlert[] = [];
  answer: () => Promise<NotifyResult> = () => Promise.resolve({ status: "sent", id: "m1" });
  notify(summary: PointSummary): Promise<NotifyResult> {
    this.points.push(summary);
    return this.answer();
  }
  notifyOverdue(alert: OverdueAlert): Promise<NotifyResult> {
    this.alerts.push(alert);
    return this.answer();
  }
  notifyDamaged(alert: DamageAlert): Promise<NotifyResult> {
    this.damage.push(alert);
    return this.answer();
  }
}

const GOOD: RunOutcome = { status: "success", details: {} };
const BROKEN = new LifeboatError({
  code: "bucket_missing",
  kind: "permanent",
  message: "No bucket.",
  hint: "Make it.",
});

async function runOf(
  project: RunProject,
  request: RunRequest,
  work: () => Promise<RunOutcome> = () => Promise.resolve(GOOD),
): Promise<BackupHistoryRow> {
  return await executeRun(await beginRunOfKind(project.dependencies, request), work);
}

/** A store that cannot be reached, which does no harm, since these rounds have no upload to abort. */
const store = storeOn(
  {
    settings: { bucket: "b", region: "r", endpoint: "http://127.0.0.1:1", accessKeyId: "a", secretAccessKey: "s" },
  } as Parameters<typeof storeOn>[0],
);

function partsOf(project: RunProject, outbox = new Outbox()) {
  const started: string[] = [];
  const mediaStarter = {
    failure: undefined as LifeboatError | undefined,
    startMedia({ recoveryPoint }: { recoveryPoint: string }): Promise<void> {
      started.push(recoveryPoint);
      return this.failure ? Promise.reject(this.failure) : Promise.resolve();
    },
  };
  return { database: project.database, notifier: outbox, store, mediaStarter, outbox, started };
}

function pointOf(row: BackupHistoryRow) {
  return { project: row.project, recoveryPoint: row.recovery_point };
}

const TESTS: Record<string, (project: RunProject) => Promise<void>> = {
  "a point is settled when dump and media have ended, and one email goes out with both rows": async (project) => {
    const parts = partsOf(project);
    const dump = await runOf(project, DATABASE_RUN);
    deepStrictEqual((await settlePoint(parts, pointOf(dump))).settled, false);

    const media = await runOf(project, { ...MEDIA_RUN, recoveryPoint: dump.recovery_point });
    const all = await Promise.all(Array.from({ length: 8 }, () => settlePoint(parts, pointOf(dump))));
    ok(all.every(({ settled }) => settled));
    strictEqual(all.filter(({ email }) => email?.status === "sent").length, 1);
    strictEqual(parts.outbox.points.length, 1);
    const [summary] = parts.outbox.points;
    deepStrictEqual(
      [summary.project, summary.recoveryPoint, summary.database?.id, summary.media?.id, summary.unsettled],
      ["sample", dump.recovery_point, dump.id, media.id, []],
    );
    const [row] = await project.sql("select email_status, email_error from backup_history where id = $1", [dump.id]);
    deepStrictEqual(row, { email_status: "sent", email_error: null });
    strictEqual((await maintain(parts)).settledPoints.length, 0);
    strictEqual(parts.outbox.points.length, 1);
  },

  "a monitor that could not be told at the end is a warning of the run, once": async (project) => {
    const warn = () => Promise.resolve("The monitor at example.com did not answer.");
    const emails = createEmailNotifier({ clock: systemClock });
    const ping = { start: warn, success: warn, failure: warn };
    const notifier = createPointNotifier({ clock: systemClock, project: "sample", emails, ping });
    const dump = await runOf(project, DATABASE_RUN);
    await runOf(project, { ...MEDIA_RUN, recoveryPoint: dump.recovery_point });
    for (let times = 0; times < 2; times++) {
      await settlePoint({ database: project.database, notifier }, pointOf(dump));
      await project.sql("update lifeboat.recovery_points set email_status = 'failed', email_claimed_until = null");
    }
    const [{ warnings }] = await project.sql(
      "select details -> 'warnings' as warnings from backup_history where id = $1",
      [dump.id],
    );
    deepStrictEqual(warnings, ["The monitor at example.com did not answer."]);
  },

  "a failed dump settles its point alone": async (project) => {
    const parts = partsOf(project);
    const dump = await runOf(project, DATABASE_RUN, () => Promise.reject(BROKEN));
    strictEqual((await settlePoint(parts, pointOf(dump))).email?.status, "sent");
    deepStrictEqual([parts.outbox.points[0].media, parts.outbox.points[0].database?.error_code], [
      null,
      "bucket_missing",
    ]);
    deepStrictEqual((await maintain(parts)).resumedMedia, []);
  },

  "a media run of its own settles its own point": async (project) => {
    const parts = partsOf(project);
    const media = await runOf(project, MEDIA_RUN);
    strictEqual((await settlePoint(parts, pointOf(media))).email?.status, "sent");
    const [row] = await project.sql("select email_status from backup_history where id = $1", [media.id]);
    strictEqual(row.email_status, "sent");
  },

  "after the time limit the email says that the media run is still at work": async (project) => {
    const parts = partsOf(project);
    const dump = await runOf(project, DATABASE_RUN);
    const media = await beginRunOfKind(project.dependencies, { ...MEDIA_RUN, recoveryPoint: dump.recovery_point });
    await executeRun(media, async () => {
      deepStrictEqual((await maintain(parts)).settledPoints, []);
      await project.sql("update lifeboat.settings set settle_after = '1 millisecond'");
      deepStrictEqual((await maintain(parts)).settledPoints, [{ recoveryPoint: dump.recovery_point, email: "sent" }]);
      return GOOD;
    });
    const [summary] = parts.outbox.points;
    strictEqual(summary.unsettled[0].half, "media");
    match(summary.unsettled[0].reason, /still at work/);
    strictEqual(summary.media?.status, "running");
    strictEqual((await settlePoint(parts, pointOf(dump))).email, null);
  },

  "an email that fails is recorded, tried again later, and given up": async (project) => {
    const parts = partsOf(project);
    parts.outbox.answer = () => Promise.reject(new Error("429 for re_abcdefghijklmnopqr"));
    const dump = await runOf(project, DATABASE_RUN, () => Promise.reject(BROKEN));
    strictEqual((await settlePoint(parts, pointOf(dump))).email?.status, "failed");
    const history = async () =>
      (await project.sql("select email_status, email_error from backup_history where id = $1", [dump.id]))[0];
    strictEqual((await history()).email_status, "failed");
    ok(!String((await history()).email_error).includes("abcdefghijklm"));
    deepStrictEqual((await maintain(parts)).settledPoints, [], "not at once");

    const retry = async () => {
      await project.sql("update lifeboat.recovery_points set email_claimed_until = clock_timestamp()");
      await maintain(parts);
    };
    await retry();
    strictEqual(parts.outbox.points.length, 2);
    parts.outbox.answer = () => Promise.resolve({ status: "sent" });
    await retry();
    deepStrictEqual(await history(), { email_status: "sent", email_error: null });

    await project.sql("update lifeboat.recovery_points set email_status = 'failed', email_attempts = 5");
    await retry();
    strictEqual(parts.outbox.points.length, 3);
  },

  "a sender that died is replaced, and the last try that died is closed": async (project) => {
    const parts = partsOf(project);
    const dump = await runOf(project, DATABASE_RUN, () => Promise.reject(BROKEN));
    const name = [dump.project, dump.recovery_point];
    await project.sql("select lifeboat.settle_point($1, $2)", name);
    const claim = () => project.sql("select lifeboat.claim_email($1, $2, 60000) as claim", name);
    const [{ claim: dead }] = await claim();
    strictEqual((await claim())[0].claim, null, "one sender at a time");
    await project.sql("update lifeboat.recovery_points set email_claimed_until = clock_timestamp()");
    await maintain(parts);
    strictEqual(parts.outbox.points.length, 1);
    const [late] = await project.sql("select lifeboat.record_email($1, $2, $3, 'failed', 'late', null) as noted", [
      ...name,
      dead,
    ]);
    strictEqual(late.noted, false);

    await project.sql(`update lifeboat.recovery_points
      set email_status = 'pending', email_attempts = 5, email_claimed_until = clock_timestamp()`);
    await maintain(parts);
    const [row] = await project.sql("select email_status, email_error from backup_history where id = $1", [dump.id]);
    strictEqual(row.email_status, "failed");
    match(String(row.email_error), /sender stopped/);
  },

  "where nobody is to be told, the history says off": async (project) => {
    const parts = partsOf(project);
    parts.outbox.answer = () => Promise.resolve({ status: "off" });
    const dump = await runOf(project, DATABASE_RUN, () => Promise.reject(BROKEN));
    strictEqual((await settlePoint(parts, pointOf(dump))).email?.status, "off");
    strictEqual((await maintain(parts)).settledPoints.length, 0);
  },

  "a media run that never began is started three times at most, then the point is settled without it": async (
    project,
  ) => {
    const parts = partsOf(project);
    const dump = await runOf(project, DATABASE_RUN);
    deepStrictEqual((await maintain(parts)).resumedMedia, [], "the dump's own worker comes first");
    parts.mediaStarter.failure = BROKEN;
    const wait = () => project.sql("update lifeboat.recovery_points set media_claimed_until = clock_timestamp()");
    for (let round = 1; round <= 4; round++) {
      await resumeMedia({ ...parts, graceMs: 0 });
      await wait();
    }
    strictEqual(parts.started.length, 3);
    deepStrictEqual((await maintain(parts)).settledPoints, [{ recoveryPoint: dump.recovery_point, email: "sent" }]);
    match(parts.outbox.points[0].unsettled[0].reason, /No media run could be started.* No bucket\./);
  },

  "a media run at work on another point costs no attempt": async (project) => {
    const parts = partsOf(project);
    await runOf(project, DATABASE_RUN);
    parts.mediaStarter.failure = new LifeboatError({ ...BROKEN, code: "already_running", message: "-", hint: "-" });
    for (let round = 1; round <= 5; round++) {
      await resumeMedia({ ...parts, graceMs: 0 });
      await project.sql("update lifeboat.recovery_points set media_claimed_until = clock_timestamp()");
    }
    strictEqual(parts.started.length, 5);
  },

  "a media run that died is started again; once it has ended the point is settled": async (project) => {
    const parts = partsOf(project);
    const dump = await runOf(project, DATABASE_RUN);
    const request = { ...MEDIA_RUN, recoveryPoint: dump.recovery_point };
    const dead = await beginRunOfKind(project.dependencies, request);
    await dead.connection.close();
    await project.sql("update lifeboat.leases set expires_at = clock_timestamp()");
    strictEqual((await maintain(parts)).closedRuns.length, 1);
    strictEqual((await settlePoint(parts, pointOf(dump))).settled, false);
    await resumeMedia({ ...parts, graceMs: 0 });
    deepStrictEqual(parts.started, [dump.recovery_point]);
    const media = await runOf(project, request);
    strictEqual((await settlePoint(parts, pointOf(dump))).email?.status, "sent");
    strictEqual(parts.outbox.points[0].media?.id, media.id);
  },

  "a media run that the platform ended goes on in the next worker as long as something gets done": async (project) => {
    const parts = partsOf(project);
    const dump = await runOf(project, DATABASE_RUN);
    const point = pointOf(dump);
    await project.sql(
      `insert into lifeboat.media_items (recovery_point, position, bucket_id, name)
       select $1, n, 'files', n::text from generate_series(1, 10) n`,
      [dump.recovery_point],
    );
    const ended = new LifeboatError({ ...BROKEN, code: "worker_ended", message: "-", hint: "-" });
    const round = async (copied: number) => {
      await runOf(project, { ...MEDIA_RUN, recoveryPoint: dump.recovery_point }, async () => {
        await project.sql(
          `update lifeboat.media_items set status = 'stored' where position in
             (select position from lifeboat.media_items where status = 'pending' order by position limit $1)`,
          [copied],
        );
        throw ended;
      });
      await settlePoint(parts, point);
      await project.sql("update lifeboat.recovery_points set media_claimed_until = clock_timestamp()");
      await resumeMedia({ ...parts, graceMs: 0 });
    };
    for (let worker = 1; worker <= 6; worker++) await round(1);
    strictEqual(parts.started.length, 6);
    for (let worker = 1; worker <= 4; worker++) await round(0);
    strictEqual(parts.started.length, 8, "three starts in vain");
    await project.sql("update lifeboat.recovery_points set media_claimed_until = clock_timestamp()");
    strictEqual((await settlePoint(parts, point)).settled, true);
    strictEqual(parts.outbox.points[0].media?.error_code, "worker_ended");
  },

  "the email about a damaged point that its verify could not send is sent by the next round, once": async (project) => {
    const parts = partsOf(project);
    const dump = await runOf(project, DATABASE_RUN);
    const damage = [{ half: "database", code: "checksum_differs", key: "k", what: "member 1", reason: "-" }];
    await project.sql("select lifeboat.record_check($1, $2, $3, $4)", [
      dump.id,
      dump.project,
      dump.recovery_point,
      JSON.stringify({ deep: true, coverage: {}, damage, halves: { database: { code: "backup_damaged" } } }),
    ]);
    parts.outbox.answer = () => Promise.reject(new Error("no route"));
    deepStrictEqual((await maintain(parts)).damage, ["failed"]);
    deepStrictEqual((await maintain(parts)).damage, [], "not at once");
    parts.outbox.answer = () => Promise.resolve({ status: "sent" });
    await project.sql("update lifeboat.point_checks set email_claimed_until = clock_timestamp()");
    deepStrictEqual((await maintain(parts)).damage, ["sent"]);
    deepStrictEqual((await maintain(parts)).damage, []);
    deepStrictEqual(parts.outbox.damage.map(({ recoveryPoint }) => recoveryPoint), [
      dump.recovery_point,
      dump.recovery_point,
    ]);
  },

  "an alert goes out at most once a day while the newest good dump is too old": async (project) => {
    const parts = partsOf(project);
    strictEqual((await maintain(parts)).overdue, null);
    await project.sql("update lifeboat.settings set installed_at = now() - interval '27 hours'");
    strictEqual((await maintain(parts)).overdue, "sent");
    strictEqual((await maintain(parts)).overdue, null);
    deepStrictEqual([parts.outbox.alerts[0].newest, parts.outbox.alerts[0].targetHours], [null, 26]);

    await project.sql("update lifeboat.alerts set sent_at = now() - interval '25 hours'");
    const dump = await runOf(project, DATABASE_RUN);
    strictEqual((await maintain(parts)).overdue, null);
    await project.sql("update backup_history set started_at = now() - interval '30 hours'");
    await maintain(parts);
    deepStrictEqual([parts.outbox.alerts.length, parts.outbox.alerts[1].newest], [2, dump.recovery_point]);
  },

  "a database that is away is reported part by part, not thrown": async (project) => {
    const parts = partsOf(project);
    await project.sql("drop function lifeboat.close_abandoned_runs()");
    const dump = await runOf(project, DATABASE_RUN, () => Promise.reject(BROKEN));
    const report = await maintain(parts);
    deepStrictEqual(report.problems.map(({ code }) => code), ["database_error"]);
    deepStrictEqual(report.settledPoints, [{ recoveryPoint: dump.recovery_point, email: "sent" }]);
  },
};

Deno.test("maintenance on PostgreSQL 18", (test) => withProjects(test, TESTS));
testOnPostgres15("maintenance on PostgreSQL 15", (test) => withProjects(test, TESTS, POSTGRES_15));

import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import { createS3Client } from "../../supabase/functions/_shared/adapters/s3/client.ts";
import { locateBucket } from "../../supabase/functions/_shared/adapters/s3/settings.ts";
import { readObject } from "../support/bucket_contents.ts";
import { errorXml, type SeenRequest } from "../support/faulty_proxy.ts";
import { eventually } from "../support/eventually.ts";
import { assertFailureIsTold, assertNoBackup, type FaultStage, scheduledRun, testFaults } from "./fault_stage.ts";
import { addBallast, killFunction, letGraceRunOut, letLeasesRunOut } from "./mishaps.ts";

const ALWAYS = 10_000;
const plain = { contentType: "application/json" };

testFaults("a bucket that fails", {
  async "500 to everything"({ project, s3 }) {
    s3.arm({ kind: "answer", status: 500, body: errorXml("InternalError") }, () => true, ALWAYS);
    const run = await scheduledRun(project);
    await assertFailureIsTold(project, run, "store_unavailable");
    match(run.error_message!, /500 InternalError/);
  },

  async "503 SlowDown for ever"({ project, s3 }) {
    s3.arm({ kind: "answer", status: 503, body: errorXml("SlowDown") }, isPut, ALWAYS);
    const run = await scheduledRun(project);
    await assertFailureIsTold(project, run, "store_unavailable");
    match(run.error_message!, /503 SlowDown/);
  },

  async "503 SlowDown and cut connections now and then cost time, not the backup"({ project, s3 }) {
    s3.arm({ kind: "answer", status: 503, body: errorXml("SlowDown") }, isPut, 2);
    s3.arm({ kind: "hang up" }, (request) => request.target.includes(".manifest.json"), 1);
    s3.arm({ kind: "answer", status: 500, body: errorXml("InternalError") }, (r) => r.method === "GET", 2);
    const { database, media } = await project.backUp();
    deepStrictEqual([database.status, media.status], ["success", "success"]);
  },

  async "wrong credentials"({ project, s3, server }) {
    const wrong = { AWS_SECRET_ACCESS_KEY: "not-the-secret-of-anybody" };
    if (!server.capabilities.validates) {
      s3.arm({ kind: "answer", status: 403, body: errorXml("SignatureDoesNotMatch") }, () => true, ALWAYS);
    }
    await project.callWith(wrong, "database-backup", { trigger: "cron", wait: true });
    const run = (await project.history()).at(-1)!;
    await assertFailureIsTold(project, run, "store_refused");
    match(run.error_hint!, /AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/);
    ok(!JSON.stringify(run).includes(wrong.AWS_SECRET_ACCESS_KEY));
  },

  async "a bucket that does not exist"({ project }) {
    await project.callWith({ AWS_S3_BUCKET: "not-there" }, "database-backup", { trigger: "cron", wait: true });
    const run = (await project.history()).at(-1)!;
    await assertFailureIsTold(project, run, "bucket_missing");
    match(run.error_hint!, /AWS_S3_BUCKET/);
  },

  async "a bucket that belongs to another project"({ project }) {
    const ours = await readObject(project.bucket, "lifeboat.json");
    const marker = { format: "lifeboat-marker", formatVersion: 1, project: "other", projectUrl: "https://example.com" };
    await project.bucket.put("lifeboat.json", new TextEncoder().encode(JSON.stringify(marker)), plain);
    const run = await scheduledRun(project);
    await assertFailureIsTold(project, run, "owned_by_another_project");
    match(run.error_message!, /"other".*so nothing was written/);
    const media = await project.call("backup-media", { wait: true });
    strictEqual(media.body.errorCode, "owned_by_another_project");
    await project.bucket.put("lifeboat.json", ours, plain);
  },

  async "a marker that nobody can read"({ project }) {
    const ours = await readObject(project.bucket, "lifeboat.json");
    await project.bucket.put("lifeboat.json", new TextEncoder().encode("{"), plain);
    await assertFailureIsTold(project, await scheduledRun(project), "marker_unreadable");
    await project.bucket.put("lifeboat.json", ours, plain);
  },

  async "a part that is cut off in the middle is sent again"({ project, s3 }) {
    await using _ballast = await addBallast(project);
    s3.arm({ kind: "drop", side: "request", afterBytes: 3_000_000 }, isPart(1));
    s3.arm({ kind: "drop", side: "request", afterBytes: 100_000 }, isPart(2), 2);
    const { database } = await project.backUp();
    strictEqual(database.status, "success");
    ok(s3.seen.filter(isPart(2)).length >= 3);
  },

  async "a part that is always cut off ends the run and gives its upload back"(stage) {
    const { project, s3 } = stage;
    await using _ballast = await addBallast(project);
    s3.arm({ kind: "drop", side: "request", afterBytes: 3_000_000 }, isPart(1), ALWAYS);
    await assertFailureIsTold(project, await scheduledRun(project), "store_unavailable");
    await assertNoOpenUpload(stage);
  },

  async "a manifest that cannot be written leaves no backup, though the dump lies there"({ project, s3 }) {
    const isManifest = (request: SeenRequest) => isPut(request) && request.target.includes(".manifest.json");
    s3.arm({ kind: "answer", status: 500, body: errorXml("InternalError") }, isManifest, ALWAYS);
    await assertFailureIsTold(project, await scheduledRun(project), "store_unavailable");
  },

  async "a bucket that stalls: the run can be cancelled"({ project, s3 }) {
    s3.arm({ kind: "stall" }, (request) => isPut(request) && request.target.includes(".json.gz"), ALWAYS);
    const { body } = await project.call("database-backup", { trigger: "cron" });
    await eventually("the dump is sent", () => s3.seen.some((request) => request.target.includes(body.recoveryPoint)));
    await project.sql("select lifeboat.request_cancel($1)", [body.runId]);
    const run = await eventually("it has ended", async () => {
      const row = await project.run(body.runId);
      return row.status !== "running" && row.email_status === "sent" && row;
    });
    deepStrictEqual([run.status, run.error_code], ["cancelled", "run_cancelled"]);
    match(project.stack.mailbox.messages.at(-1)!.subject, /^Backup cancelled: /);
    strictEqual(project.stack.mailbox.pings.at(-1)!.path, `${project.pingPath}/fail`);
    await assertNoBackup(project, run);
  },

  async "a function killed while it sends a part"(stage) {
    const { project, s3 } = stage;
    await using _ballast = await addBallast(project);
    s3.arm({ kind: "stall" }, isPart(2), ALWAYS);
    const { body } = await project.call("database-backup", { trigger: "cron" });
    await eventually(
      "a part is under way",
      () => s3.seen.filter(isPart(2)).some((r) => r.target.includes(body.recoveryPoint)),
    );
    await killFunction("database-backup");
    s3.disarm();

    const early = await project.call("backup-maintenance", { trigger: "cron" });
    deepStrictEqual(early.body.closedRuns, [], "a lease that has not run out is respected");
    const busy = await project.call("database-backup", { trigger: "cron" });
    deepStrictEqual([busy.status, busy.body.code, busy.body.runId], [409, "already_running", body.runId]);

    await letLeasesRunOut(project);
    const round = await project.call("backup-maintenance", { trigger: "cron" });
    deepStrictEqual(round.body.closedRuns, [{ id: body.runId, kind: "database", recoveryPoint: body.recoveryPoint }]);
    if (stage.server.capabilities.uploadEnds) {
      deepStrictEqual([round.body.returnedUploads, round.body.problems], [1, []]);
    }
    const run = await project.run(body.runId);
    await assertFailureIsTold(project, run, "run_abandoned");
    strictEqual(round.body.restartedDump, run.recovery_point);
    const next = await project.newestPointSettled();
    notStrictEqual(next.database.recovery_point, run.recovery_point);
    deepStrictEqual([next.database.status, next.media.status], ["success", "success"]);
    await assertNoOpenUpload(stage);
  },

  async "a media run that cannot store files is a failure, beside a dump that is none"({ project, s3 }) {
    await project.upload("portfolio-media", "while the bucket failed.txt", "a file");
    const ofMedia = (r: SeenRequest) => isMedia(r) || isPut(r) && /\.(r2\.json|media\.json\.gz)/.test(r.target);
    s3.arm({ kind: "answer", status: 500, body: errorXml("InternalError") }, ofMedia, ALWAYS);
    const { database, media } = await project.backUp();
    strictEqual(database.status, "success");
    deepStrictEqual([media.status, media.error_code], ["failed", "store_unavailable"]);
    const email = project.stack.mailbox.messages.at(-1)!;
    match(email.subject, /^Backup FAILED: /);
    match(email.text!, /DATABASE\nStatus: +complete\n/);
    match(email.text!, /FILES\nStatus: +failed\n/);
    strictEqual(project.stack.mailbox.pings.at(-1)!.path, `${project.pingPath}/fail`);
  },

  async "a media function killed in the middle is finished by the next one, in the same run"({ project, s3 }) {
    await project.upload("portfolio-media", "while the function died.txt", "another file");
    s3.arm({ kind: "stall" }, isMedia, ALWAYS);
    await project.call("database-backup", { trigger: "cron", wait: true });
    await eventually("a file is under way", () => s3.seen.some((r) => isMedia(r) && r.target.includes("died")));
    await killFunction("backup-media");
    s3.disarm();
    await letLeasesRunOut(project);
    await letGraceRunOut(project);
    const round = await project.call("backup-maintenance", { trigger: "cron" });
    deepStrictEqual([round.body.closedRuns.length, round.body.resumedMedia.length], [0, 1]);
    const { media } = await project.newestPointSettled();
    deepStrictEqual([media.status, media.error_code, media.skipped], ["success", null, 0]);
    deepStrictEqual(
      (await project.history()).filter(({ recovery_point }) => recovery_point === media.recovery_point)
        .map(({ kind, status }) => `${kind} ${status}`),
      ["database success", "media success"],
    );
    match(project.stack.mailbox.messages.at(-1)!.subject, /^Backup complete: /);
  },
});

function isPut(request: SeenRequest): boolean {
  return request.method === "PUT";
}

function isPart(number: number): (request: SeenRequest) => boolean {
  return (request) => isPut(request) && request.target.includes(`partNumber=${number}&`);
}

function isMedia(request: SeenRequest): boolean {
  return isPut(request) && request.target.includes("/media-backups/portfolio-media/");
}

async function assertNoOpenUpload({ project, server }: FaultStage): Promise<void> {
  // s3rver cannot abort an upload.
  if (!server.capabilities.uploadEnds) return;
  const [{ open }] = await project.sql<{ open: number }>(
    "select count(*)::int4 as open from lifeboat.runs where upload_id is not null",
  );
  strictEqual(open, 0);
  const client = createS3Client(server.settings, locateBucket(server.settings));
  const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: server.settings.bucket }));
  deepStrictEqual(Uploads ?? [], []);
}

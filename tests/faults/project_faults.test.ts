import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { databaseDetails, mediaDetails } from "../../supabase/functions/_shared/contract/mod.ts";
import { withClient } from "../../local/with_client.ts";
import { assertFilesAreInBucket } from "../scenarios/media_checks.ts";
import { prefixedStore } from "../../supabase/functions/_shared/engine/store/prefixed_store.ts";
import { assertManifestsHold, keysIn, loadMediaManifest, readBucket, readObject } from "../support/bucket_contents.ts";
import { eventually } from "../support/eventually.ts";
import { assertFailureIsTold, assertSentences, scheduledRun, testFaults } from "./fault_stage.ts";
import { addBallast, letGraceRunOut } from "./mishaps.ts";

const ALWAYS = 10_000;

testFaults("a project that fails", {
  async "a configuration with mistakes: all of them in one answer, in the history and the email"({ project }) {
    const mistakes = {
      AWS_S3_BUCKET: undefined,
      AWS_REGION: "Frankfurt am Main",
      S3_SSE: "perhaps",
      BACKUP_ALLOWED_ORIGINS: "everywhere",
    };
    const { status, body } = await project.callWith(mistakes, "database-backup", { trigger: "cron" });
    deepStrictEqual([status, body.code], [500, "configuration_invalid"]);
    for (const text of [body.message, (await project.history()).at(-1)!.error_message]) {
      for (const name of Object.keys(mistakes)) ok(text.includes(name), name);
      ok(!/Frankfurt|perhaps|everywhere/.test(text), "values are not repeated");
    }
    await assertFailureIsTold(project, (await project.history()).at(-1)!, "configuration_invalid");
  },

  async "without the keys nobody is let in, and the answer says which variable is missing"({ project }) {
    const runs = (await project.history()).length;
    const without = { SUPABASE_SECRET_KEYS: undefined, SUPABASE_SERVICE_ROLE_KEY: undefined };
    const { status, body } = await project.callWith(without, "database-backup");
    deepStrictEqual([status, body.code], [500, "configuration_invalid"]);
    match(body.message, /SUPABASE_SECRET_KEYS/);
    strictEqual((await project.history()).length, runs);
  },

  async "a recipient that is no address: no email, and the history says so"({ project }) {
    const emails = project.stack.mailbox.messages.length;
    const { status } = await project.callWith({ BACKUP_EMAIL_TO: "nobody" }, "database-backup", { trigger: "cron" });
    strictEqual(status, 500);
    const run = (await project.history()).at(-1)!;
    deepStrictEqual([run.error_code, run.email_status], ["configuration_invalid", "off"]);
    match(run.error_message!, /BACKUP_EMAIL_TO/);
    strictEqual(project.stack.mailbox.messages.length, emails);
    strictEqual(project.stack.mailbox.pings.at(-1)!.path, `${project.pingPath}/fail`);
  },

  async "an email provider that fails: the backup is a success, and maintenance sends later"({ project }) {
    const { mailbox } = project.stack;
    const emails = mailbox.messages.length;
    mailbox.failNext(500, ALWAYS);
    const { database, media } = await project.backUp();
    mailbox.failNext(500, 0);
    deepStrictEqual([database.status, media.status, database.email_status], ["success", "success", "failed"]);
    match(database.email_error!, /^Resend did not take the email \(500\)/);
    strictEqual(mailbox.pings.at(-1)!.path, project.pingPath);
    strictEqual(mailbox.messages.length, emails);

    const early = await project.call("backup-maintenance", { trigger: "cron" });
    deepStrictEqual(early.body.settledPoints, [], "not before five minutes have passed");
    await project.sql("update lifeboat.recovery_points set email_claimed_until = null where email_status = 'failed'");
    const round = await project.call("backup-maintenance", { trigger: "cron" });
    deepStrictEqual(round.body.settledPoints, [{ recoveryPoint: database.recovery_point, email: "sent" }]);
    const told = await project.run(database.id);
    deepStrictEqual([told.email_status, told.email_error], ["sent", null]);
    strictEqual(mailbox.messages.length, emails + 1);
    match(mailbox.messages.at(-1)!.subject, /^Backup complete/);
  },

  async "backup-media that cannot be started: the run says so, and maintenance starts it"({ project, api }) {
    const emails = project.stack.mailbox.messages.length;
    api.arm({ kind: "answer", status: 404, body: "{}" }, ({ target }) => target.endsWith("/backup-media"), ALWAYS);
    const database = await scheduledRun(project);
    strictEqual(database.status, "success");
    const [warning] = databaseDetails.parse(database.details).warnings;
    match(warning, /media backup could not be started and will be tried again: .*answered 404/);
    strictEqual(project.stack.mailbox.messages.length, emails, "one email, when database and media have ended");

    await letGraceRunOut(project);
    // A round that cron started may have claimed the point, and other rounds leave claimed points alone.
    await project.sql("update lifeboat.recovery_points set media_claimed_until = null");
    const failing = await project.call("backup-maintenance", { trigger: "cron" });
    deepStrictEqual(failing.body.problems.map(({ code }: { code: string }) => code), ["media_not_started"]);
    api.disarm();
    await project.sql("update lifeboat.recovery_points set media_claimed_until = null");
    const round = await project.call("backup-maintenance", { trigger: "cron" });
    deepStrictEqual(round.body.resumedMedia, [database.recovery_point]);
    const { media } = await project.newestPointSettled();
    deepStrictEqual([media.recovery_point, media.status], [database.recovery_point, "success"]);
    strictEqual(project.stack.mailbox.messages.length, emails + 1);
    match(project.stack.mailbox.messages.at(-1)!.text!, /could not be started/);
  },

  async "buckets and files of every name, and an empty file"({ project }) {
    const { storage } = project.client();
    for (const name of ["archive", "manifest.json", "r2-inventory.json", "with space"]) {
      const { error } = await storage.createBucket(name);
      strictEqual(error, null);
      await project.upload(name, "archive.txt", `a file of ${name}`);
    }
    const long = `${"ä".repeat(120)}/${"b".repeat(230)}.txt`;
    const names = ["a b+c&d=e.txt", `it's (a) "quoted" name!.txt`, "deep/er/est/file", "ümlaut é.txt", ".hidden", long];
    names.push("🎬 film.mp4", "semi;colon, at@sign$.txt");
    for (const name of names) await project.upload("archive", name, `content of ${name}`);
    await project.upload("archive", "empty.bin", "", "application/octet-stream");
    const listed = await project.sql<{ name: string }>("select name from storage.objects where bucket_id = 'archive'");
    deepStrictEqual(listed.map(({ name }) => name).sort(), ["archive.txt", "empty.bin", ...names].sort());
    const { database, media } = await project.backUp();
    deepStrictEqual([database.status, media.status, media.skipped], ["success", "success", 0]);
    await assertFilesAreInBucket(project);

    const manifest = await loadMediaManifest(project.bucket, media.s3_key!);
    const { size, s3Key } = manifest.objects.find(({ path }) => path === "empty.bin")!;
    deepStrictEqual([size, (await readObject(project.bucket, s3Key)).length], [0, 0]);
    match(manifest.objects.find(({ path }) => path === long)!.s3Key, /^media-backups\/\.overflow\/[0-9a-f]{64}$/);
    const newest = JSON.parse(
      new TextDecoder().decode(await readObject(project.bucket, "media-backups/manifest.json")),
    );
    strictEqual(newest.recoveryPoint, media.recovery_point);
  },

  async "a file that vanishes and one that changes after they were listed"({ project, s3 }) {
    await project.upload("portfolio-media", "vanishes.txt", "soon gone");
    await project.upload("portfolio-media", "changes.txt", "as listed");
    s3.arm({ kind: "delay", ms: 3_000 }, (r) => r.method === "PUT" && r.target.includes(".manifest.json"));
    const before = s3.seen.length;
    const backup = project.backUp();
    await eventually(
      "the files are listed and the dump is stored",
      () => s3.seen.slice(before).some((r) => r.method === "PUT" && r.target.includes(".manifest.json")),
    );
    strictEqual((await project.client().storage.from("portfolio-media").remove(["vanishes.txt"])).error, null);
    await project.upload("portfolio-media", "changes.txt", "as it is now");
    const { database, media } = await backup;
    deepStrictEqual([database.status, media.status, media.skipped], ["success", "success", 1]);
    const { skipped, skewed } = mediaDetails.parse(media.details);
    deepStrictEqual(skipped.map(({ path, code }) => [path, code]), [["vanishes.txt", "object_vanished"]]);
    deepStrictEqual(skewed.map(({ path }) => path), ["changes.txt"]);
    const stored = await readObject(project.bucket, "media-backups/portfolio-media/changes.txt");
    strictEqual(new TextDecoder().decode(stored), "as it is now");
    match(project.stack.mailbox.messages.at(-1)!.text!, /vanishes\.txt/);
  },

  async "a file that Storage cannot serve makes the point partial, and the next run copies it"({ project, api }) {
    await project.upload("portfolio-media", "unreadable.txt", "not now");
    api.arm({ kind: "answer", status: 500, body: "{}" }, ({ target }) => target.includes("unreadable.txt"), ALWAYS);
    const { database, media } = await project.backUp();
    deepStrictEqual([database.status, media.status, media.error_code], ["success", "partial", "objects_skipped"]);
    assertSentences(media.error_message, media.error_hint);
    deepStrictEqual(mediaDetails.parse(media.details).skipped.map(({ path }) => path), ["unreadable.txt"]);
    const email = project.stack.mailbox.messages.at(-1)!;
    match(email.subject, /^Backup incomplete/);
    match(email.text!, /unreadable\.txt/);
    strictEqual(project.stack.mailbox.pings.at(-1)!.path, `${project.pingPath}/fail`);
    api.disarm();
    const next = await project.backUp();
    deepStrictEqual([next.media.status, next.media.skipped], ["success", 0]);
  },

  async "a bucket in BACKUP_BUCKETS that does not exist"({ project }) {
    const setting = { BACKUP_BUCKETS: "profile-images,not-there" };
    const { body } = await project.callWith(setting, "backup-media", { wait: true });
    deepStrictEqual([body.status, body.errorCode], ["partial", "bucket_not_found"]);
    match((await project.run(body.runId)).error_message!, /"not-there"/);
  },

  async "another destination than before gets every file, and not only what is new"({ project }) {
    const { body } = await project.callWith({ S3_PREFIX: "moved/" }, "backup-media", { wait: true });
    strictEqual(body.status, "success");
    const bucket = prefixedStore(project.bucket, "moved/");
    await assertManifestsHold(bucket, await readBucket(bucket));
  },

  async "a connection to the database that is cut in the middle of the dump"({ project, s3 }) {
    await using _ballast = await addBallast(project);
    s3.arm({ kind: "delay", ms: 2_000 }, (r) => r.method === "PUT" && r.target.includes("partNumber=1&"));
    const before = s3.seen.length;
    const failing = scheduledRun(project);
    await eventually(
      "a part is under way",
      () => s3.seen.slice(before).some((r) => r.target.includes("partNumber=1&")),
    );
    await withClient(
      project.stack.superuserUrl,
      (client) =>
        client.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lifeboat dump'"),
    );
    await assertFailureIsTold(project, await failing, "database_connection_lost");
  },

  async "a table that is dropped, and one that is altered, while the dump waits for it"({ project }) {
    await project.sql("create table public.dropped as select 1 as a; create table public.altered as select 1 as a");
    const backup = await withClient(project.details.dbUrl, async (client) => {
      await client.query("begin; drop table public.dropped; alter table public.altered add column b int default 2");
      const backup = project.backUp();
      await eventually("the dump waits", async () => {
        const waiting = await project.sql("select from pg_stat_activity where wait_event_type = 'Lock'");
        return waiting.length > 0;
      });
      await client.query("commit");
      return await backup;
    });
    strictEqual(backup.database.status, "success");
    const tables = databaseDetails.parse(backup.database.details).tables.map(({ name }) => name);
    deepStrictEqual([tables.includes("dropped"), tables.includes("altered")], [false, true]);
    await project.sql("drop table public.altered");
  },

  async "a database that is gone: 503, one email for the slot, and the monitor knows"({ project }) {
    const { mailbox } = project.stack;
    const emails = mailbox.messages.length;
    const keys = await keysIn(project.bucket);
    await project.withoutDatabase(async () => {
      for (let times = 0; times < 2; times++) {
        const { status, body } = await project.call("database-backup", { trigger: "cron" });
        deepStrictEqual([status, body.code], [503, "database_unreachable"]);
        assertSentences(body.message, body.hint);
        strictEqual(mailbox.pings.at(-1)!.path, `${project.pingPath}/fail`);
      }
      const maintenance = await project.call("backup-maintenance", { trigger: "cron" });
      ok(maintenance.body.problems.every(({ code }: { code: string }) => code === "database_unreachable"));
      ok(maintenance.body.problems.length > 0);
    });
    const told = mailbox.messages.slice(emails);
    strictEqual(new Set(told.map(({ idempotencyKey }) => idempotencyKey)).size, told.length);
    // There are two when the minute changed between the calls.
    ok(told.length === 1 || told.length === 2);
    match(told[0].subject, /^Backup FAILED to start: collabhunts, /);
    match(told[0].idempotencyKey!, /^lifeboat\/collabhunts\/\d{4}-\d\d-\d\dT\d\d-\d\d-00Z\/not-started$/);
    match(told[0].text!, /Code: database_unreachable\n/);
    deepStrictEqual(await keysIn(project.bucket), keys);
    const { database, media } = await project.backUp();
    deepStrictEqual([database.status, media.status], ["success", "success"], "once it is back");
  },
});

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { runSql } from "../support/postgres.ts";
import type { DrillDetails, DumpManifest } from "../../supabase/functions/_shared/contract/mod.ts";
import { manifestKey, MARKER_KEY, parsePoint } from "../../supabase/functions/_shared/engine/format/keys.ts";
import { readObject } from "../support/bucket_contents.ts";
import { LiveProject } from "../support/live_project.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";
import { jsonOf, lifeboat, startCommand } from "./command.ts";
import { CommandStage } from "./stage.ts";

const noVersitygw = await versitygwIsMissing();
const onServer = noVersitygw ? ` (on s3rver: ${noVersitygw})` : "";
const options = { sanitizeOps: false, sanitizeResources: false };

Deno.test(`the command line on the whole local stack${onServer}`, options, async (test) => {
  await using server = noVersitygw ? undefined : await startVersitygw();
  await using project = await LiveProject.start({ ...server && { s3: server.settings } });
  const stage = new CommandStage(project);

  await test.step("backup holds the same tables and digests as the function's, and the same files", async () => {
    const { database } = await project.backUp();
    const said = await stage.run("backup", "--label", "before migration", "--pin");
    const { recoveryPoint, database: row, media, mediaError } = jsonOf(said);
    deepStrictEqual([said.code, said.err], [0, ""], said.out);
    deepStrictEqual(
      [row.status, row.trigger, row.label, row.pinned, media.status, mediaError],
      ["success", "manual", "before migration", true, "success", null],
    );
    const ofFunction = await stage.manifest(database.recovery_point);
    const ofCommand = await stage.manifest(recoveryPoint);
    deepStrictEqual(digests(ofCommand), digests(ofFunction));
    deepStrictEqual([media.files, media.bytes], [43, 0], "its files lay there already");
    deepStrictEqual((await project.run(row.id)).status, "success");
    const [{ email_status }] = await project.sql("select email_status from lifeboat.recovery_points where point = $1", [
      recoveryPoint,
    ]);
    strictEqual(email_status, "sent");
  });

  await test.step("backup lists the names of its settings, not of what else is set on the machine", async () => {
    const { recoveryPoint } = jsonOf(await stage.run("backup", "--database-only"));
    const key = `backups/collabhunts-backup-${recoveryPoint}.json.gz`;
    const text = gunzipSync(await readObject(project.bucket, key)).toString();
    ok(text.includes('"AWS_S3_BUCKET"'));
    ok(!text.includes("LIFEBOAT_UNRELATED_SETTING"));
  });

  await test.step("list and show need the bucket's settings only", async () => {
    const list = await stage.runWith(stage.bucketOnly, "list");
    const { points, total } = jsonOf(list);
    deepStrictEqual([list.code, total], [0, 3]);
    deepStrictEqual(points.map((point: { complete: boolean }) => point.complete), [false, true, true]);
    strictEqual(points[0].problems[0].code, "media_absent");
    strictEqual(points[1].takenAt, parsePoint(points[1].recoveryPoint).toISOString());
    deepStrictEqual([points[1].media.files, points[1].media.skipped], [43, 0]);
    ok(points[1].database.rows > 50_000);
    strictEqual(jsonOf(await stage.runWith(stage.bucketOnly, "list", "--limit", "1")).points.length, 1);

    const show = await stage.runWith(stage.bucketOnly, "show", points[1].recoveryPoint);
    strictEqual(show.code, 0);
    const manifest = await stage.manifest(points[1].recoveryPoint);
    deepStrictEqual(jsonOf(show).tables, JSON.parse(JSON.stringify(manifest.tables)));
    strictEqual(jsonOf(show).media.totals.files, 43);
    deepStrictEqual((await stage.runWith(stage.bucketOnly, "show", "2001-01-01T00-00-00Z")).code, 1);
    deepStrictEqual((await stage.runWith(stage.bucketOnly, "show", "yesterday")).code, 2);
    const text = await lifeboat(["show", "latest"], stage.bucketOnly);
    match(text.out, /bookings +4,000/);
    match(text.out, /Not in this backup/);
  });

  await test.step("media --point completes the point that --database-only left", async () => {
    const { points: [newest] } = jsonOf(await stage.run("list"));
    const said = await stage.run("media", "--point", newest.recoveryPoint);
    deepStrictEqual([said.code, jsonOf(said).recoveryPoint], [0, newest.recoveryPoint]);
    strictEqual(jsonOf(await stage.run("list")).points[0].complete, true);
    const unknown = await stage.run("media", "--point", "2001-01-01T00-00-00Z");
    deepStrictEqual([unknown.code, jsonOf(unknown).error.code], [1, "recovery_point_unknown"]);
  });

  await test.step("a bucket that does not exist makes media partial: 3", async () => {
    const said = await stage.run("media", "--set", "BACKUP_BUCKETS=profile-images,not-there");
    deepStrictEqual([said.code, jsonOf(said).media.status], [3, "partial"], said.out);
  });

  await test.step("while another run holds the lease, each kind exits 4 with its id", async () => {
    for (const [kind, command] of [["database", "backup"], ["media", "media"], ["verify", "verify"]]) {
      const id = await stage.holdLease(kind);
      const said = await stage.run(command);
      deepStrictEqual([said.code, jsonOf(said).error.code, jsonOf(said).error.runId], [4, "already_running", id], kind);
      await stage.freeLease(id);
    }
  });

  await test.step("a media run at work leaves the dump good and says so: 4, and a warning in the history", async () => {
    const id = await stage.holdLease("media");
    const said = await stage.run("backup");
    const { database, media, mediaError } = jsonOf(said);
    deepStrictEqual([said.code, database.status, media, mediaError.code], [4, "success", null, "media_queued"]);
    const { details } = await project.run(database.id);
    match(JSON.stringify(details?.warnings), /media backup could not be started/);
    await stage.freeLease(id);
  });

  await test.step("Ctrl-C ends a backup as failed, frees the lease and exits 1", async () => {
    const child = startCommand(["backup"], stage.env);
    let stderr = "";
    const reading = (async () => {
      for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
        if (!stderr.includes("database: schema") && (stderr + text).includes("database: schema")) child.kill("SIGINT");
        stderr += text;
      }
    })();
    const out = await new Response(child.stdout).text();
    await reading;
    strictEqual((await child.status).code, 1, stderr + out);
    const [row] = await project.sql<{ status: string; error_code: string }>(
      "select status, error_code from public.backup_history where kind = 'database' order by started_at desc limit 1",
    );
    deepStrictEqual(row, { status: "failed", error_code: "interrupted" });
    deepStrictEqual(await project.sql("select run_id from lifeboat.leases where kind = 'database'"), [{
      run_id: null,
    }]);
  });

  await test.step("a row too large for a function is taken from here", async () => {
    await project.sql("create table public.large_documents (id integer primary key, body text)");
    await project.sql("insert into public.large_documents values (1, repeat('sample ', 5000000))");
    const said = await stage.run("backup", "--database-only");
    deepStrictEqual([said.code, jsonOf(said).database.status], [0, "success"]);
    await project.sql("drop table public.large_documents");
  });

  await test.step("doctor finds nothing broken, and says how to mend what is", async () => {
    const whole = await stage.run("doctor");
    deepStrictEqual([whole.code, jsonOf(whole).broken], [0, 0], whole.out);
    await project.sql("select cron.unschedule('lifeboat-database-backup')");
    await project.sql("delete from vault.secrets where name = 'backup_secret_key'");
    const worse = jsonOf(await stage.run("doctor", "--set", "RESEND_API_KEY=not-a-key"));
    for (const check of ["schedule.lifeboat-database-backup", "schedule.secrets", "notify.email"]) {
      const finding = worse.findings.find((entry: { check: string }) => entry.check === check);
      deepStrictEqual([finding.verdict, finding.mend.length > 10], ["warning", true], check);
    }
    const wrongKey = await stage.run("doctor", "--set", "AWS_SECRET_ACCESS_KEY=sample-wrong-secret");
    if (!noVersitygw) strictEqual(wrongKey.code, 1);
    const noBucket = await stage.run("doctor", "--s3-bucket", "not-there");
    strictEqual(noBucket.code, 1);
    match(noBucket.out, /bucket_missing/);
    strictEqual((await stage.run("install", "--store-secrets")).code, 0);
    await project.sql("select lifeboat.schedule()");
  });

  await test.step("restore shows its plan, and does it with --apply only", async () => {
    await project.sql("create database restored");
    const target = project.details.dbUrl.replace(/\/postgres$/, "/restored");
    const into = ["--database-only", "--point", stage.point!, "--target-db", target];
    const plan = await stage.run("restore", ...into);
    deepStrictEqual([plan.code, jsonOf(plan).report, jsonOf(plan).plan.conflicts], [0, null, []]);
    deepStrictEqual(await tablesIn(target), 0);

    const applied = await stage.run("restore", ...into, "--apply");
    deepStrictEqual([applied.code, jsonOf(applied).report.status], [0, "success"], applied.out.slice(-2_000));
    ok(await tablesIn(target) >= 30);
    const [row] = await project.sql<Record<string, unknown>>(
      "select status, recovery_point, tables, details from public.backup_history where kind = 'restore'",
    );
    deepStrictEqual([row.status, row.recovery_point], ["success", stage.point]);
    ok(Number(row.tables) >= 30 && JSON.stringify(row.details).includes('"database":"restored"'));
    deepStrictEqual((await stage.run("restore", ...into)).code, 1, "the target is not empty any more");
    const armed = await stage.run("restore", "arm", "--target-db", target);
    deepStrictEqual([armed.code, jsonOf(armed).armed > 0], [0, true], armed.out);
    const nothing = await stage.run("restore", "arm", "--target-db", project.details.dbUrl);
    deepStrictEqual([nothing.code, jsonOf(nothing).error.code], [1, "restore_missing"]);

    const one = await stage.run("restore", "--table", "no_such_table", "--target-db", target);
    deepStrictEqual([one.code, jsonOf(one).error.code], [2, "restore_scope_unknown"]);
    const replace = await stage.run("restore", ...into, "--data-only", "--existing", "replace", "--apply");
    deepStrictEqual([replace.code, /needs --yes/.test(jsonOf(replace).error.message)], [2, true]);
  });

  await test.step("restore puts a lost file back with its type", async () => {
    const [{ path }] = await project.sql<{ path: string }>(
      "select name as path from storage.objects where bucket_id = 'profile-images' order by name limit 1",
    );
    await project.client().storage.from("profile-images").remove([path]);
    const said = await stage.run(
      "restore",
      ...["--point", stage.point!, "--media-only", "--path", `profile-images/${path}`, "--apply"],
      ...["--target-url", project.details.apiUrl, "--target-key", project.details.secretKey],
    );
    deepStrictEqual([said.code, jsonOf(said).report.media.uploaded], [0, 1], said.out);
    const file = await project.client().storage.from("profile-images").download(path);
    match(file.data?.type ?? "", /^image\//);
  });

  await test.step("drill restores into a scratch database, measures the time and leaves nothing", async () => {
    const query = "select count(*) = 4000 from public.bookings";
    const said = await stage.run("drill", stage.point!, "--set", `BACKUP_DRILL_QUERIES=${JSON.stringify([query])}`);
    const { drill } = jsonOf(said);
    deepStrictEqual([said.code, drill.status, drill.details.queries[0].passed], [0, "success", true], said.out);
    ok(drill.details.restoreMs > 0);
    const wrong = ["--set", 'BACKUP_DRILL_QUERIES=["select false"]'];
    const asked = ["--check", 'test "$RESTORED_DB_URL" != "$SUPABASE_DB_URL"', "--check", "echo no such user; exit 7"];
    const failed = await stage.run("drill", stage.point!, ...wrong, ...asked);
    deepStrictEqual([failed.code, jsonOf(failed).drill.error_code], [1, "drill_failed"]);
    deepStrictEqual(
      jsonOf(failed).drill.details.checks.slice(-2).map(({ passed, reason }: Check) => [passed, reason]),
      [
        [true, null],
        [false, "It ended with exit code 7. no such user"],
      ],
    );
    const text = await lifeboat(["drill", stage.point!, ...wrong], stage.env);
    match(text.out, /measured recovery time[\s\S]*FAILED +select false/i);
    deepStrictEqual(await project.sql("select datname from pg_database where datname like 'lifeboat%'"), []);
  });

  await test.step("another project's marker stops a backup until adopt is confirmed", async () => {
    const marker = {
      format: "lifeboat-marker",
      formatVersion: 1,
      project: "other",
      projectUrl: "https://other.example.com",
    };
    await stage.put(MARKER_KEY, JSON.stringify(marker));
    const refused = await stage.run("backup");
    deepStrictEqual([refused.code, jsonOf(refused).database.error_code], [1, "owned_by_another_project"]);
    strictEqual((await stage.run("adopt")).code, 2, "nobody could be asked");
    strictEqual((await stage.run("backup")).code, 1);
    const adopted = await stage.run("adopt", "--yes");
    deepStrictEqual([adopted.code, jsonOf(adopted).owner.project], [0, "collabhunts"]);
    match(jsonOf(adopted).before, /other\.example\.com/);
    strictEqual((await stage.run("backup")).code, 0);
  });

  await test.step("verify exits 0 for what is whole and 5 for one flipped bit, named", async () => {
    const { recoveryPoint } = jsonOf(await stage.run("backup"));
    const whole = await stage.run("verify", "--deep");
    deepStrictEqual([whole.code, jsonOf(whole).recoveryPoint], [0, recoveryPoint], whole.out);
    deepStrictEqual((await stage.run("verify", stage.point!, "--sample", "5%")).code, 0);
    const key = `backups/collabhunts-backup-${recoveryPoint}.json.gz`;
    const bytes = new Uint8Array(await readObject(project.bucket, key));
    bytes[bytes.length >> 1] ^= 1;
    await stage.put(key, bytes);
    const damaged = await stage.run("verify", "--deep");
    strictEqual(damaged.code, 5, damaged.out);
    ok(jsonOf(damaged).verify.details.damage.some((entry: { key: string }) => entry.key === key));
    const shown = await lifeboat(["verify", recoveryPoint, "--deep"], stage.env);
    match(shown.out, /DAMAGED/);
    await project.sql("create database from_damaged");
    const target = project.details.dbUrl.replace(/\/postgres$/, "/from_damaged");
    const into = ["--database-only", "--point", recoveryPoint, "--target-db", target];
    const refused = await stage.run("restore", ...into, "--apply");
    deepStrictEqual([refused.code, jsonOf(refused).error.code], [5, "backup_damaged"]);
    strictEqual(await tablesIn(target), 0, "nothing was written");
  });

  await test.step("list and show report a damaged manifest with exit code 5", async () => {
    const { points: [newest] } = jsonOf(await stage.run("list", "--limit", "1"));
    await stage.put(manifestKey("collabhunts", newest.recoveryPoint), "{ not a manifest");
    const list = await stage.run("list", "--limit", "1");
    deepStrictEqual([list.code, jsonOf(list).points[0].problems[0].code], [5, "manifest_damaged"]);
    strictEqual((await stage.run("show", newest.recoveryPoint)).code, 5);
  });

  await test.step("no secret stands in anything that was said", async () => {
    const secrets = await project.secrets();
    for (const [name, secret] of Object.entries(secrets)) {
      for (const { out, err } of stage.said) ok(!(out + err).includes(secret), `${name} in: ${out}${err}`);
    }
  });
});

type Check = DrillDetails["checks"][number];

/** The digests of all tables but Lifeboat's own, which grow with each run. */
function digests({ tables }: DumpManifest): Record<string, string> {
  return Object.fromEntries(
    tables.filter(({ name }) => !/^backup_(history|audit_log)$/.test(name))
      .map(({ schema, name, rows, digest }) => [`${schema}.${name}`, `${rows} ${digest}`]),
  );
}

async function tablesIn(url: string): Promise<number> {
  const [{ count }] = await runSql<{ count: number }>(
    url,
    "select count(*)::integer as count from pg_tables where schemaname = 'public'",
  );
  return count;
}

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";
import { LiveProject } from "../support/live_project.ts";
import { assertNoSecrets } from "../support/no_secrets.ts";
import { assertDatabaseIsInDump, assertMembersStandAlone, assertPythonAgrees, pythonIsMissing } from "./dump_checks.ts";
import { assertFilesAreInBucket, assertMediaManifest, assertR2Inventory } from "./media_checks.ts";
import { assertIncremental } from "./incremental_checks.ts";
import {
  assertManifestsHold,
  assertUnharmed,
  keysIn,
  readBucket,
  readObject,
  sha256,
} from "../support/bucket_contents.ts";
import { RECOVERY_GUIDE } from "../../supabase/functions/_shared/generated/recovery_guide.ts";

const noPython = await pythonIsMissing();
const noVersitygw = await versitygwIsMissing();
const options = { sanitizeOps: false, sanitizeResources: false };

Deno.test("one whole backup, to the npm S3 server", options, async (test) => {
  await using project = await LiveProject.start();
  await wholeBackup(test, project);
});

Deno.test({
  name: `one whole backup, to versitygw${noVersitygw ? `: ${noVersitygw}` : ""}`,
  ignore: noVersitygw !== undefined,
  ...options,
  fn: async (test) => {
    await using server = await startVersitygw();
    await using project = await LiveProject.start({ s3: server.settings });
    await wholeBackup(test, project);
  },
});

async function wholeBackup(test: Deno.TestContext, project: LiveProject): Promise<void> {
  const { bucket, stack } = project;
  await project.runScheduledBackup();
  const { database, media } = await project.newestPointSettled();
  const name = `backups/collabhunts-backup-${database.recovery_point}`;

  await test.step("database and media succeed, and the history says exactly what was stored", async () => {
    deepStrictEqual((await project.history()).map(({ kind }) => kind), ["database", "media"]);
    const dump = await readObject(bucket, `${name}.json.gz`);
    const { started_at: _1, finished_at: _2, duration_ms, details: _3, tables, rows, raw_bytes, ...exact } = database;
    deepStrictEqual(without(exact, "id", "created_at"), {
      kind: "database",
      status: "success",
      trigger: "cron",
      triggered_by: null,
      label: null,
      pinned: false,
      project: "collabhunts",
      recovery_point: database.recovery_point,
      s3_key: `${name}.json.gz`,
      manifest_key: `${name}.manifest.json`,
      bytes: dump.length,
      files: null,
      skipped: 0,
      checksum: `sha256:${sha256(dump)}`,
      error_code: null,
      error_message: null,
      error_hint: null,
      progress: null,
      email_status: "sent",
      email_error: null,
    });
    ok(tables! > 25 && rows! > 45_000 && raw_bytes! > dump.length && duration_ms! > 0);
    const mediaManifest = await readObject(bucket, `${name}.media.json.gz`);
    deepStrictEqual(
      [media.status, media.trigger, media.recovery_point, media.s3_key, media.checksum, media.files, media.skipped],
      ["success", "cron", database.recovery_point, `${name}.media.json.gz`, `sha256:${sha256(mediaManifest)}`, 43, 0],
    );
    deepStrictEqual([media.error_code, media.email_status], [null, null]);
    strictEqual(media.bytes, media.raw_bytes);
  });

  await test.step("one email and two pings tell of it", () => {
    strictEqual(stack.mailbox.messages.length, 1);
    const [email] = stack.mailbox.messages;
    match(email.subject, /^Backup complete: collabhunts, /);
    strictEqual(email.idempotencyKey, `lifeboat/collabhunts/${database.recovery_point}/success`);
    match(email.text!, new RegExp(`Rows: +${String(database.rows).replace(/\B(?=(\d{3})+$)/g, ",")}\\n`));
    match(email.text!, /Files: +43\n/);
    deepStrictEqual(stack.mailbox.pings.map(({ path }) => path), [`${project.pingPath}/start`, project.pingPath]);
  });

  await test.step({
    name: `Python reads the dump, and counts in it the rows of every table${noPython ? `: ${noPython}` : ""}`,
    ignore: noPython !== undefined,
    fn: () => assertPythonAgrees(project, `${name}.json.gz`),
  });
  await test.step("the digests of the manifest are those that the database computes anew", () =>
    assertDatabaseIsInDump(project, database));
  await test.step("each member is read alone by its range", () => assertMembersStandAlone(project, database));
  await test.step("every file is in the bucket with its bytes, type and cache control", () =>
    assertFilesAreInBucket(project));
  await test.step("the media manifest names every file, with totals by bucket", () =>
    assertMediaManifest(project, media));
  await test.step("the R2 inventory holds each row that names a file in R2", () => assertR2Inventory(project, media));

  await test.step("the bucket alone is enough: guide, marker, and manifests that hold", async () => {
    strictEqual(new TextDecoder().decode(await readObject(bucket, "backups/DISASTER_RECOVERY.md")), RECOVERY_GUIDE);
    const marker = JSON.parse(new TextDecoder().decode(await readObject(bucket, "lifeboat.json")));
    deepStrictEqual([marker.project, marker.projectUrl], ["collabhunts", project.details.apiUrl]);
    deepStrictEqual(
      (await keysIn(bucket)).filter((key) => !/^media-backups\/[^/]+\//.test(key)).sort(),
      [
        "backups/DISASTER_RECOVERY.md",
        `${name}.json.gz`,
        `${name}.manifest.json`,
        `${name}.media.json.gz`,
        `${name}.r2.json`,
        "lifeboat.json",
        "media-backups/manifest.json",
        "media-backups/r2-inventory.json",
      ].sort(),
    );
    await assertManifestsHold(bucket, await readBucket(bucket));
  });

  await test.step("the second backup reads only what changed, and the first stays whole", async () => {
    const before = await readBucket(bucket);
    const { replaced } = await assertIncremental(project);
    const after = await readBucket(bucket);
    assertUnharmed(new Map([...before].filter(([key]) => !replaced.includes(key))), after);
    await assertManifestsHold(bucket, after);
    strictEqual(stack.mailbox.messages.length, 2);
  });

  await test.step("no secret stands anywhere", () => assertNoSecrets(project));
}

function without(row: Record<string, unknown>, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));
}

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { COMMAND_LINE_VERIFY } from "../../supabase/functions/_shared/compose/verify.ts";
import type { BackupHistoryRow, MediaDetails } from "../../supabase/functions/_shared/contract/mod.ts";
import { prefixedStore } from "../../supabase/functions/_shared/engine/store/prefixed_store.ts";
import { LiveProject } from "../support/live_project.ts";
import { VerifyStage } from "./verify_stage.ts";

/** Makes a media run as the function does, and returns its row and the number of files that it sent. */
async function backUpFiles({ project }: VerifyStage): Promise<{ row: BackupHistoryRow; copied: number }> {
  const { status, body } = await project.call("backup-media", { wait: true });
  deepStrictEqual([status, body.status], [200, "success"]);
  const row = await project.run(body.runId);
  const { buckets } = row.details as unknown as MediaDetails;
  return { row, copied: buckets.reduce((sum, bucket) => sum + bucket.copied, 0) };
}

async function remembered({ project }: VerifyStage): Promise<number> {
  const [{ count }] = await project.sql<{ count: string }>("select count(*) from lifeboat.media_objects");
  return Number(count);
}

const tests: Record<string, (stage: VerifyStage) => Promise<void>> = {
  "a media run whose bookkeeping is lost finds its files in the bucket instead of storing them anew": async (stage) => {
    const { project } = stage;
    const columns = "bucket_id, name, version, etag, size_bytes, mime_type, object_updated_at, s3_key, s3_etag, " +
      "s3_version_id, archive_key, archived_at, md5, sha256";
    const read = () => project.sql(`select ${columns} from lifeboat.media_objects order by bucket_id, name`);
    const before = await read();
    strictEqual(before.length, 43);
    await project.sql("truncate lifeboat.media_objects, lifeboat.media_destination");
    const { row, copied } = await backUpFiles(stage);
    deepStrictEqual([row.files, row.bytes, copied], [43, 0, 0]);
    deepStrictEqual(await read(), before);
  },

  "verify rebuilds it too, of what the bucket's listing confirms": async (stage) => {
    const { project, bucket } = stage;
    await project.sql("truncate lifeboat.media_objects, lifeboat.media_destination");
    const [{ key }] = await Array.fromAsync(bucket.list("media-backups/profile-images/"));
    await stage.tamper(key, () => null, async () => {
      const { details } = await stage.verify({ coverage: "sample", samplePercent: 1 });
      match(details.warnings.join("\n"), /rebuilt from the bucket: 42 files/);
      strictEqual(await remembered(stage), 42);
      const { copied } = await backUpFiles(stage);
      strictEqual(copied, 1, "the one that was not there");
    });
    await stage.assertHealed();
  },

  "a copy that the bucket lacks is forgotten by the verify of any point, and stored anew": async (stage) => {
    const { project, bucket } = stage;
    const later = await project.backUp();
    const [{ key, sizeBytes }] = await Array.fromAsync(bucket.list("media-backups/portfolio-media/"));
    await stage.tamper(key, () => new Uint8Array(sizeBytes), async () => {
      await stage.verify(undefined, { point: later.database.recovery_point });
      strictEqual(await remembered(stage), 42);
      strictEqual((await backUpFiles(stage)).copied, 1);
    });
    strictEqual(await remembered(stage), 43);
    await stage.verify(undefined, { point: later.database.recovery_point });
    await stage.assertHealed();
  },

  "settings that lead elsewhere, or more files than a function can compare, change nothing": async (stage) => {
    const { row } = await stage.verify(undefined, { store: prefixedStore(stage.bucket, "elsewhere/") });
    strictEqual(row.error_code, "bucket_not_ours");
    strictEqual(await remembered(stage), 43);
    const copies = { ...COMMAND_LINE_VERIFY.copies, copies: 42 };
    const { row: small, details } = await stage.verify(undefined, { settings: { copies } });
    strictEqual(small.status, "success");
    match(details.warnings.join("\n"), /Too many files to compare/);
  },

  "a listing that breaks off changes nothing": async (stage) => {
    const { bucket } = stage;
    const store = {
      ...bucket,
      async *list(prefix: string) {
        let listed = 0;
        for await (const object of bucket.list(prefix)) {
          if (prefix === "media-backups/" && ++listed > 3) throw new Error("the connection broke");
          yield object;
        }
      },
    };
    const { row } = await stage.verify(undefined, { store });
    deepStrictEqual([row.status, row.error_code], ["failed", "internal_error"]);
    strictEqual(await remembered(stage), 43);
    deepStrictEqual(await stage.rows(), { database: ["success", null], media: ["success", null] });
  },
};

Deno.test({
  name: "what is believed to be stored is brought in step with what lies in the bucket",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(test) {
    await using project = await LiveProject.start();
    const { database, media } = await project.backUp();
    const stage = new VerifyStage(project, database, media);
    for (const [name, body] of Object.entries(tests)) await test.step(name, () => body(stage));
  },
});

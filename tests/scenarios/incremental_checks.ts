import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { hasCode } from "../../supabase/functions/_shared/engine/errors.ts";
import { mediaDetails } from "../../supabase/functions/_shared/contract/mod.ts";
import { loadMediaManifest } from "../support/bucket_contents.ts";
import type { LiveProject } from "../support/live_project.ts";
import { listFiles } from "./media_checks.ts";

/**
 * Replaces a file, deletes one and adds one. The second backup must copy two files and link the rest. Returns the keys
 * that now hold another object.
 */
export async function assertIncremental(project: LiveProject): Promise<{ replaced: string[] }> {
  const [replaced, deleted] = (await listFiles(project)).filter(({ bucket }) => bucket === "profile-images");
  await project.upload(replaced.bucket, replaced.path, "another picture", "image/png");
  const { error } = await project.client().storage.from(deleted.bucket).remove([deleted.path]);
  strictEqual(error, null);
  await project.upload("career-cvs", "new file.pdf", "a new file", "application/pdf");

  const { database, media } = await project.backUp();
  deepStrictEqual([database.status, media.status, media.files, media.skipped], ["success", "success", 43, 0]);
  strictEqual(media.bytes, "another picturea new file".length);
  const details = mediaDetails.parse(media.details);
  const copied = details.buckets.reduce((sum, bucket) => sum + bucket.copied, 0);
  const unchanged = details.buckets.reduce((sum, bucket) => sum + bucket.unchanged, 0);
  deepStrictEqual([copied, unchanged], [2, 41]);

  const manifest = await loadMediaManifest(project.bucket, media.s3_key!);
  strictEqual(manifest.objects.some(({ path }) => path === deleted.path), false, "a deleted file is not of this point");
  // The first point still names the deleted file, so its copy stays.
  await project.bucket.head(`media-backups/${deleted.bucket}/${deleted.path}`).catch((error) => {
    throw hasCode(error, "object_missing") ? new Error("A file that an older point names was removed.") : error;
  });
  return { replaced: [`media-backups/${replaced.bucket}/${replaced.path}`] };
}

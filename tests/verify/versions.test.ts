import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { LiveProject } from "../support/live_project.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";
import { VerifyStage } from "./verify_stage.ts";

const missing = await versitygwIsMissing();

Deno.test({
  name: `in a bucket that keeps versions, what was written over is still whole${missing ? `: ${missing}` : ""}`,
  ignore: missing !== undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using server = await startVersitygw({ versions: true });
    await using project = await LiveProject.start({ s3: server.settings });
    const { database, media } = await project.backUp();
    const stage = new VerifyStage(project, database, media);
    const [{ key }] = await Array.fromAsync(stage.bucket.list("media-backups/profile-images/"));
    await stage.bucket.put(database.s3_key!, new TextEncoder().encode("something else"), { contentType: "text/plain" });
    await stage.bucket.put(key, new TextEncoder().encode("something else"), { contentType: "text/plain" });
    const { row, details } = await stage.verify();
    deepStrictEqual([row.status, details.damage], ["success", []]);
    deepStrictEqual([details.coverage.filesRead, details.coverage.bytesChecked], [
      details.coverage.filesTotal,
      details.coverage.bytesTotal,
    ]);
    strictEqual(details.warnings.length, 2);
    match(details.warnings[0], /was written over; the version that was stored is still there/);
    // Older points reach it by its version; the next one needs it under its key.
    match(details.warnings[1], /the next media run stores them anew/);
  },
});

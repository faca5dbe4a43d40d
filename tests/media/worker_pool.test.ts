import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { hasCode } from "../../supabase/functions/_shared/engine/errors.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { OBJECT_COST_BYTES } from "../../supabase/functions/_shared/engine/media/copy_queue.ts";
import { prefixedStore } from "../../supabase/functions/_shared/engine/store/prefixed_store.ts";
import { startS3rver, storeOn } from "../support/s3_server.ts";
import { assertStored, WorkerPool } from "./worker_pool.ts";
import { MediaProject } from "./project.ts";
import { readStoredManifest } from "./stored.ts";

const MEBIBYTE = 1024 * 1024;
const options = { sanitizeOps: false, sanitizeResources: false };

Deno.test("a media run is the work of many invocations", options, async (test) => {
  await using project = await MediaProject.start();
  await using server = await startS3rver();
  let count = 0;

  function step(name: string, run: (store: ObjectStore) => Promise<void>) {
    return test.step(name, async () => {
      await project.reset();
      await project.sql("truncate public.backup_history, lifeboat.recovery_points, lifeboat.media_destination cascade");
      await project.sql("delete from lifeboat.leases; update lifeboat.settings set media_workers = 4");
      await run(prefixedStore(storeOn(server), `case-${++count}/`));
    });
  }

  await step("several at once, one of which settles the point", async (store) => {
    for (let i = 0; i < 120; i++) await project.upload("photos", `file ${i}`, `content ${i}`);
    // Each invocation copies twelve objects, because an object's requests count as bytes, too.
    const pool = new WorkerPool(project, store, { stepBytes: 12 * OBJECT_COST_BYTES });
    const point = await pool.start();
    const [row] = await pool.untilSettled();
    deepStrictEqual([row.status, row.files, row.skipped], ["success", 120, 0]);
    strictEqual(pool.invocations.filter(({ ended }) => ended === "settled").length, 1);
    ok(pool.invocations.length >= 10, `${pool.invocations.length} invocations`);
    // At most four workers are at work, and each may still be ending when its successor begins.
    ok(pool.most >= 2 && pool.most <= 8, `${pool.most} at once`);
    // Each object was read once, although several workers claimed objects at the same time.
    strictEqual(new Set(project.storage.asked).size, 120);
    strictEqual(project.storage.asked.length, 120);
    await assertStored(project, store, point);
  });

  await step("a large object goes on across invocations, read from where the last one stood", async (store) => {
    const film = new Uint8Array(27 * MEBIBYTE + 5).map((_, i) => i * 7 + (i >> 9));
    await project.upload("videos", "film.mp4", film, { contentType: "video/mp4" });
    const pool = new WorkerPool(project, store, { stepBytes: MEBIBYTE, partSizeBytes: 5 * MEBIBYTE });
    const point = await pool.start();
    strictEqual((await pool.untilSettled())[0].status, "success");
    ok(pool.invocations.length >= 6, `${pool.invocations.length} invocations`);
    const ranges = project.storage.headers.map((headers) => headers.get("range")).filter((range) => range !== null);
    deepStrictEqual(ranges, [5, 10, 15, 20, 25].map((part) => `bytes=${part * MEBIBYTE}-`));
    const { objects: [object] } = await readStoredManifest(store, point);
    strictEqual(object.sha256, createHash("sha256").update(film).digest("hex"));
    await assertStored(project, store, point);
  });

  await step(
    "an object that is replaced between two invocations is copied whole, in its new version",
    async (store) => {
      const first = new Uint8Array(12 * MEBIBYTE).fill(1);
      const second = new Uint8Array(12 * MEBIBYTE).fill(2);
      await project.upload("videos", "film.mp4", first);
      let asked = 0;
      project.storage.onRequest = async () => {
        if (++asked === 2) await project.upload("videos", "film.mp4", second);
      };
      const pool = new WorkerPool(project, store, { stepBytes: MEBIBYTE, partSizeBytes: 5 * MEBIBYTE });
      const point = await pool.start();
      const [row] = await pool.untilSettled();
      strictEqual(row.status, "success", JSON.stringify(row.details));
      const { objects: [object] } = await readStoredManifest(store, point);
      strictEqual(object.sha256, createHash("sha256").update(second).digest("hex"));
      ok(object.skew);
      deepStrictEqual(await project.sql("select from lifeboat.media_parts"), []);
    },
  );

  await step("a run at work takes the point that is asked for meanwhile next", async (store) => {
    for (let i = 0; i < 40; i++) await project.upload("photos", `file ${i}`, `content ${i}`);
    const pool = new WorkerPool(project, store, { stepBytes: 12 * OBJECT_COST_BYTES });
    const [{ second }] = await project.sql<{ second: string }>("select lifeboat.open_point('sample') as second");
    let asked = false;
    project.storage.onRequest = async () => {
      if (asked) return;
      asked = true;
      await project.upload("photos", "late", "late");
      await rejects(pool.start(second), (error) => hasCode(error, "media_queued"));
    };
    const first = await pool.start();
    const rows = await pool.untilSettled();
    deepStrictEqual(
      rows.map(({ recovery_point, status, files }) => [recovery_point, status, files]),
      [
        [second, "success", 41],
        [first, "success", 40],
      ].sort(),
    );
    await assertStored(project, store, second);
  });

  await step("when all have died, maintenance has the same run go on", async (store) => {
    for (let i = 0; i < 40; i++) await project.upload("photos", `file ${i}`, `content ${i}`);
    const pool = new WorkerPool(project, store, {
      stepBytes: 12 * OBJECT_COST_BYTES,
      dies: (number) => number < 4 ? 30 : undefined,
    });
    const point = await pool.start();
    const rows = await pool.untilSettled();
    deepStrictEqual(rows.map(({ status, files }) => [status, files]), [["success", 40]]);
    ok(pool.invocations.filter(({ ended }) => ended === "killed").length > 0);
    const lost = pool.invocations.map(({ lostSteps }) => lostSteps);
    ok(lost[0] === 0 && lost.at(-1)! > 0, `the run remembers those that died: ${lost}`);
    await assertStored(project, store, point);
  });
});

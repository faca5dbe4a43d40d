import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { createHttpStorageSource } from "../../supabase/functions/_shared/adapters/storage/http.ts";
import { hasCode, LifeboatError } from "../../supabase/functions/_shared/engine/errors.ts";
import { backupMedia } from "../../supabase/functions/_shared/engine/media/backup_media.ts";
import { listMediaObjects } from "../../supabase/functions/_shared/engine/media/object_list.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { prefixedStore } from "../../supabase/functions/_shared/engine/store/prefixed_store.ts";
import { startS3rver, storeOn } from "../support/s3_server.ts";
import { plainRun, point } from "./plain_run.ts";
import { MediaProject } from "./project.ts";
import { SECRET_KEY } from "./storage_server.ts";
import { keysUnder, readStoredManifest } from "./stored.ts";

const settings = { project: "sample", partSizeBytes: 5 * 1024 * 1024, r2Sources: [] };

Deno.test("media backup and what goes wrong for all objects at once", async (test) => {
  await using project = await MediaProject.start();
  await using server = await startS3rver();
  let count = 0;

  function step(name: string, run: (store: ObjectStore) => Promise<void>) {
    return test.step(name, async () => {
      await project.reset();
      await run(prefixedStore(storeOn(server), `case-${++count}/`));
    });
  }

  /** Stores thirty files with a run that must fail with `code`, and returns what the queue says of them afterwards. */
  async function failsWith(code: string, run: () => Promise<unknown>): Promise<void> {
    await rejects(run, (error) => {
      ok(hasCode(error, code), String(error));
      ok(error.hint.length > 10);
      return true;
    });
    const statuses = await project.sql<{ status: string }>("select distinct status from lifeboat.media_items");
    ok(statuses.every(({ status }) => status === "pending" || status === "stored"), JSON.stringify(statuses));
  }

  async function thirtyFiles(): Promise<void> {
    for (let i = 0; i < 30; i++) await project.upload("photos", `file ${i}`, `content ${i}`);
  }

  await step("wrong S3 credentials fail the run at once and skip nothing", async (store) => {
    await thirtyFiles();
    const refused = storeOn(server, { accessKeyId: "WRONG" });
    await failsWith("store_refused", () => backupMedia(project.dependencies(refused), settings, plainRun(point(1))));
    deepStrictEqual(await keysUnder(store, ""), []);
  });

  await step("a bucket that is absent in S3 fails the run at once", async () => {
    await thirtyFiles();
    const absent = storeOn(server, { bucket: "no-such-bucket" });
    await failsWith("bucket_missing", () => backupMedia(project.dependencies(absent), settings, plainRun(point(1))));
  });

  await step("S3 that refuses in the middle fails the run; the next one goes on from there", async (store) => {
    await thirtyFiles();
    let puts = 0;
    const refusing: ObjectStore = {
      ...store,
      put: (key, body, options, signal) =>
        (++puts > 10 ? storeOn(server, { accessKeyId: "WRONG" }) : store)
          .put(key, body, options, signal),
    };
    const few = { ...settings, concurrency: 6 };
    await failsWith("store_refused", () => backupMedia(project.dependencies(refusing), few, plainRun(point(1))));
    deepStrictEqual(await keysUnder(store, "backups/"), []);
    const asked = project.storage.asked.length;
    const outcome = await backupMedia(project.dependencies(store), settings, plainRun(point(1)));
    strictEqual(outcome.status, "success");
    strictEqual(outcome.files, 30);
    // Ten files were stored. For up to five of them the failure came before their checkpoint.
    ok(project.storage.asked.length - asked <= 25);
  });

  await step("S3 that cannot be reached fails the run after three objects", async () => {
    await thirtyFiles();
    const away = storeOn(server, { endpoint: "http://127.0.0.1:9" });
    await failsWith("store_unavailable", () => backupMedia(project.dependencies(away), settings, plainRun(point(1))));
    ok(project.storage.asked.length < 15, `${project.storage.asked.length} objects were read`);
  });

  await step("S3 that goes away before the last file fails the run, which is not partial then", async (store) => {
    await thirtyFiles();
    const away = storeOn(server, { endpoint: "http://127.0.0.1:9" });
    let files = 0;
    const leaving: ObjectStore = {
      ...store,
      put: (key, ...rest) => (key.includes("/photos/") && ++files === 30 ? away : store).put(key, ...rest),
      head: (key, ...rest) => (files >= 30 ? away : store).head(key, ...rest),
    };
    const alone = { ...settings, concurrency: 1 };
    await failsWith("store_unavailable", () => backupMedia(project.dependencies(leaving), alone, plainRun(point(1))));
  });

  await step("a key that Storage refuses fails the run", async (store) => {
    await thirtyFiles();
    const source = createHttpStorageSource({ supabaseUrl: project.storage.url, secretKey: "sb_secret_rotated" });
    await failsWith(
      "source_refused",
      () => backupMedia({ ...project.dependencies(store), source }, settings, plainRun(point(1))),
    );
  });

  await step("a Storage that is down fails the run", async (store) => {
    await thirtyFiles();
    project.storage.outage = 503;
    await failsWith("source_unavailable", () => backupMedia(project.dependencies(store), settings, plainRun(point(1))));
    ok(project.storage.asked.length === 0);
    const away = createHttpStorageSource({ supabaseUrl: "http://127.0.0.1:9", secretKey: SECRET_KEY });
    await failsWith(
      "source_unavailable",
      () => backupMedia({ ...project.dependencies(store), source: away }, settings, plainRun(point(1))),
    );
  });

  await step("a Storage that lists buckets but serves no object fails the run after twenty", async (store) => {
    await thirtyFiles();
    for (let i = 0; i < 30; i++) project.storage.misbehave(`photos/file ${i}`, { kind: "status", status: 500 });
    await failsWith("source_unavailable", () => backupMedia(project.dependencies(store), settings, plainRun(point(1))));
    deepStrictEqual(await keysUnder(store, ""), []);
    for (let i = 0; i < 30; i++) project.storage.misbehave(`photos/file ${i}`, undefined);
  });

  await step("a publishable key, which sees nothing, is told from objects without bytes", async (store) => {
    await thirtyFiles();
    for (let i = 0; i < 30; i++) project.storage.remove(`photos/file ${i}`);
    project.storage.bucketsShown = "[]";
    await failsWith("source_refused", () => backupMedia(project.dependencies(store), settings, plainRun(point(1))));
    project.storage.bucketsShown = undefined;
  });

  await step("a cancelled run stops at once and writes no manifest", async (store) => {
    await thirtyFiles();
    const cancel = new AbortController();
    const reason = new LifeboatError({ code: "run_cancelled", kind: "conflict", message: "x", hint: "x" });
    project.storage.onRequest = () => {
      if (project.storage.asked.length === 5) cancel.abort(reason);
    };
    const run = plainRun(point(1), { signal: cancel.signal });
    await rejects(backupMedia(project.dependencies(store), settings, run), (error) => error === reason);
    deepStrictEqual(await keysUnder(store, "backups/"), []);
  });

  await step("a run whose lease was taken over cannot write: no checkpoint, no manifest", async (store) => {
    await thirtyFiles();
    const taken = new LifeboatError({ code: "run_taken_over", kind: "conflict", message: "x", hint: "x" });
    const loser = plainRun(point(1), { confirm: () => Promise.reject(taken) });
    await rejects(backupMedia(project.dependencies(store), settings, loser), (error) => error === taken);
    deepStrictEqual(await keysUnder(store, "backups/"), []);

    await project.upload("photos", "late", "x");
    const dependencies = project.dependencies(store);
    const slow = plainRun(point(2));
    project.storage.onRequest = async (name) => {
      if (name !== "photos/late") return;
      project.storage.onRequest = undefined;
      // Another invocation takes the object over while the first one still reads it.
      strictEqual((await backupMedia(dependencies, settings, plainRun(point(2)))).status, "success");
    };
    // The first invocation's own copy of the object does not count any more: it reports the other one's.
    strictEqual((await backupMedia(dependencies, settings, slow)).files, 31);
    strictEqual((await readStoredManifest(store, point(2))).objects.length, 31);
  });

  await step("an object that ended eight invocations is skipped by the ninth", async (store) => {
    await project.upload("photos", "bomb", "x");
    await project.upload("photos", "other", "x");
    const session = await project.dependencies(store).database.connect({ applicationName: "test" });
    await session.query("begin");
    await listMediaObjects(session, { recoveryPoint: point(4) });
    await session.query("commit");
    await session.close();
    await project.sql("update lifeboat.media_items set attempts = 8 where name = 'bomb' and recovery_point = $1", [
      point(4),
    ]);
    const outcome = await backupMedia(project.dependencies(store), settings, plainRun(point(4)));
    strictEqual(outcome.status, "partial");
    strictEqual((await readStoredManifest(store, point(4))).skipped[0].code, "object_ends_run");
  });

  await step("a point that is asked for again answers what it answered", async (store) => {
    await project.upload("photos", "one", "x");
    const first = await backupMedia(project.dependencies(store), settings, plainRun(point(1)));
    await project.upload("photos", "two", "x");
    deepStrictEqual(await backupMedia(project.dependencies(store), settings, plainRun(point(1))), first);
  });
});

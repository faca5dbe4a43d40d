import assert from "node:assert/strict";
import { nodeChecksums } from "../../supabase/functions/_shared/adapters/node/checksum.ts";
import { nodeGunzip } from "../../supabase/functions/_shared/adapters/node/gunzip.ts";
import { createHttpStorageTarget } from "../../supabase/functions/_shared/adapters/storage/target.ts";
import type { Database } from "../../supabase/functions/_shared/engine/database.ts";
import { LifeboatError } from "../../supabase/functions/_shared/engine/errors.ts";
import { mediaManifestKey } from "../../supabase/functions/_shared/engine/format/keys.ts";
import { backupMedia } from "../../supabase/functions/_shared/engine/media/backup_media.ts";
import {
  applyRestore,
  planRestore,
  type RestoreDependencies,
  type RestoreReport,
  type RestoreRequest,
  type StorageTarget,
} from "../../supabase/functions/_shared/engine/restore/mod.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { prefixedStore } from "../../supabase/functions/_shared/engine/store/prefixed_store.ts";
import { plainRun, point } from "../media/plain_run.ts";
import { MediaProject } from "../media/project.ts";
import { readBytes } from "../media/stored.ts";
import { FaultyProxy } from "../support/faulty_proxy.ts";
import { startS3rver, storeOn } from "../support/s3_server.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";
import { StorageProject } from "./storage_project.ts";

const missing = await versitygwIsMissing();
const settings = { project: "sample", r2Sources: [] };
const large = Uint8Array.from({ length: 14 * 1024 * 1024 + 7 }, (_, index) => (index * 31 + (index >> 11)) % 251);

/** A database that must not be used, since restoring media needs none. */
const noDatabase: Database = {
  connect: () => Promise.reject(new Error("the database is not to be asked")),
};

function dependencies(store: ObjectStore, target: StorageProject): RestoreDependencies {
  return {
    store,
    checksums: nodeChecksums,
    decompressor: nodeGunzip,
    database: noDatabase,
    clock: { now: () => new Date(), sleep: () => Promise.resolve() },
    storage: createHttpStorageTarget(target.settings),
  };
}

async function restore(store: ObjectStore, target: StorageProject, request: Partial<RestoreRequest> = {}) {
  const tools = dependencies(store, target);
  const plan = await planRestore(tools, { point: "latest", mediaOnly: true, ...request });
  return { plan, report: await applyRestore(tools, plan) };
}

Deno.test({
  name: `files come back from the bucket${missing ? ` (on s3rver: ${missing})` : ""}`,
  async fn(test) {
    await using project = await MediaProject.start();
    await using server = missing ? await startS3rver() : await startVersitygw();
    await using versioned = missing ? undefined : await startVersitygw({ versions: true });
    let count = 0;
    const step = (name: string, run: (store: ObjectStore) => Promise<void>, on = server) =>
      test.step(name, async () => {
        await project.reset();
        await run(prefixedStore(storeOn(on), `case-${++count}/`));
      });
    const backUp = async (store: ObjectStore, day = 1) => {
      const outcome = await backupMedia(project.dependencies(store), settings, plainRun(point(day)));
      assert.equal(outcome.status, "success");
    };
    const text = (target: StorageProject, name: string) => new TextDecoder().decode(target.files.get(name)?.bytes);

    await step("with content type, cache control and user metadata, into buckets as they were", async (store) => {
      await using target = new StorageProject();
      await project.upload("photos", "a b/ü+1.png", "picture", {
        contentType: "image/png",
        cacheControl: "max-age=60",
        userMetadata: { author: "Zoë Example", "Größe": 3 },
      });
      await project.upload("photos", "empty.txt", "", { cacheControl: "no-cache" });
      await project.bucket("hollow");
      await project.sql(
        "update storage.buckets set public = false, file_size_limit = 1000000, allowed_mime_types = '{image/png}' where id = 'hollow'",
      );
      await backUp(store);
      const { plan, report } = await restore(store, target);
      assert.deepEqual(plan.media!.buckets, [
        { bucket: "hollow", action: "create", files: 0 },
        { bucket: "photos", action: "create", files: 2 },
      ]);
      assert.deepEqual(report.media, {
        bucketsCreated: 2,
        uploaded: 2,
        unchanged: 0,
        kept: 0,
        bytesUploaded: 7,
        failed: [],
      });
      const { bytes: _bytes, etag: _etag, ...picture } = target.files.get("photos/a b/ü+1.png")!;
      assert.deepEqual(picture, {
        contentType: "image/png",
        cacheControl: "max-age=60",
        metadata: { author: "Zoë Example", "Größe": 3 },
      });
      assert.equal(target.files.get("photos/empty.txt")!.cacheControl, "no-cache");
      assert.deepEqual(target.buckets.get("hollow"), {
        id: "hollow",
        name: "hollow",
        public: false,
        file_size_limit: 1_000_000,
        allowed_mime_types: ["image/png"],
      });
    });

    await step(
      "a file that is there as another type is not the same: it is told, and replaced when asked to",
      async (store) => {
        await using target = new StorageProject();
        await project.upload("photos", "one.png", "picture", { contentType: "image/png" });
        await backUp(store);
        await restore(store, target);
        const file = target.files.get("photos/one.png")!;
        target.files.set("photos/one.png", { ...file, contentType: "application/octet-stream" });
        const plan = await planRestore(dependencies(store, target), { point: "latest", mediaOnly: true });
        assert.deepEqual(plan.conflicts.map(({ identity }) => identity), ["photos/one.png"]);
        assert.match(plan.warnings.join(), /no owner/);
        const { report } = await restore(store, target, { existing: "replace" });
        assert.deepEqual([report.status, report.media!.uploaded], ["success", 1]);
        assert.equal(target.files.get("photos/one.png")!.contentType, "image/png");
      },
    );

    for (const speaksTus of [true, false]) {
      await step(
        `a large file, ${speaksTus ? "in chunks" : "as a stream where Storage knows no chunks"}`,
        async (store) => {
          await using target = new StorageProject(speaksTus);
          await project.upload("videos", "large.mp4", large, { contentType: "video/mp4", userMetadata: { take: 2 } });
          await backUp(store);
          const { report } = await restore(store, target);
          assert.equal(report.status, "success");
          const { bytes, etag: _etag, ...file } = target.files.get("videos/large.mp4")!;
          assert.deepEqual(file, { contentType: "video/mp4", cacheControl: "max-age=3600", metadata: { take: 2 } });
          assert.ok(bytes.length === large.length && bytes.every((byte, index) => byte === large[index]));
          assert.equal(target.writes.filter((write) => write.startsWith("PATCH")).length, speaksTus ? 3 : 0);
          const writes = target.writes.length;
          assert.equal((await restore(store, target)).report.media!.unchanged, 1);
          assert.equal(target.writes.length, writes, "nothing is sent twice");
        },
      );
    }

    for (const on of versioned ? [server, versioned] : [server]) {
      await step(`of an older point after files were overwritten and deleted (${on.name})`, async (store) => {
        await using target = new StorageProject();
        await project.upload("notes", "one", "first", { version: "v1" });
        await project.upload("notes", "two", "second");
        await backUp(store, 1);
        await project.upload("notes", "one", "changed", { version: "v2" });
        await project.remove("notes", "two");
        await backUp(store, 2);
        await restore(store, target, { point: point(1) });
        assert.deepEqual([text(target, "notes/one"), text(target, "notes/two")], ["first", "second"]);
        const { plan } = await restore(store, target, { existing: "replace" });
        assert.equal(plan.recoveryPoint, point(2));
        assert.equal(text(target, "notes/one"), "changed");
      }, on);
    }

    await step("one bucket, one folder, one path", async (store) => {
      for (const name of ["a/1", "a/2", "ab/3", "b"]) await project.upload("left", name, name);
      await project.upload("right", "c", "c");
      await backUp(store);
      for (
        const [request, names] of [
          [{ buckets: ["right"] }, ["right/c"]],
          [{ paths: ["left/a/"] }, ["left/a/1", "left/a/2"]],
          [{ paths: ["left/b", "left/ab/3"] }, ["left/ab/3", "left/b"]],
        ] as const
      ) {
        await using target = new StorageProject();
        await restore(store, target, request);
        assert.deepEqual([...target.files.keys()].sort(), names);
        assert.equal(target.buckets.size, 1);
      }
    });

    await step("a file whose bytes were changed in the bucket is named, and no byte of it arrives", async (store) => {
      for (const speaksTus of [true, false]) {
        await using target = new StorageProject(speaksTus);
        await project.upload("videos", "large.mp4", large);
        await project.upload("videos", "small", "small");
        await project.upload("videos", "well", "well");
        await backUp(store, speaksTus ? 1 : 2);
        await spoil(store, "media-backups/videos/large.mp4");
        await spoil(store, "media-backups/videos/small");
        const { plan, report } = await restore(store, target);
        // The store's own answers show that these are other objects, and no copy that fits is left.
        assert.equal(report.status, "partial");
        assert.equal(plan.conflicts.length, 0);
        assert.deepEqual([...target.files.keys()], ["videos/well"]);
        assert.deepEqual(report.problems.map(({ identity }) => identity), ["videos/large.mp4", "videos/small"]);
        assert.match(report.problems[0].reason, /other bytes lie in its place|another checksum/);
        await project.reset();
        await store.remove([
          "media-backups/videos/large.mp4",
          "media-backups/videos/small",
          "media-backups/videos/well",
        ]);
      }
    });

    await step("a file that rots while the store vouches for it never becomes whole", async (store) => {
      for (const speaksTus of [true, false]) {
        await using target = new StorageProject(speaksTus);
        await project.upload("videos", "large.mp4", large);
        await project.upload("videos", "small", "small");
        await backUp(store, speaksTus ? 1 : 2);
        const { report } = await restore(rotting(store), target);
        assert.deepEqual(report.media!.failed.map(({ identity }) => identity), ["videos/large.mp4", "videos/small"]);
        assert.match(report.media!.failed[0].reason, /another checksum/);
        assert.equal(target.files.size, 0);
      }
    });

    await step("a file that is missing from the bucket is in the plan already", async (store) => {
      await using target = new StorageProject();
      await project.upload("notes", "gone", "gone");
      await project.upload("notes", "here", "here");
      await backUp(store);
      await store.remove(["media-backups/notes/gone"]);
      const { plan, report } = await restore(store, target);
      assert.deepEqual(plan.notRestored, [
        { kind: "file", identity: "notes/gone", reason: "Its bytes are not in the bucket any more." },
      ]);
      assert.equal(report.status, "partial");
      assert.deepEqual([...target.files.keys()], ["notes/here"]);
    });

    await step("a damaged or edited media manifest is refused before anything is written", async (store) => {
      await using target = new StorageProject();
      await project.upload("notes", "one", "one");
      await backUp(store);
      const key = mediaManifestKey("sample", point(1));
      const whole = (await readBytes(store, key)).slice();
      const edit = async (change: (text: string) => string) => {
        const body = new Blob([whole]).stream().pipeThrough(new DecompressionStream("gzip"));
        const edited = change(await new Response(body).text());
        return await packed(edited);
      };
      const cases: [string, Uint8Array<ArrayBuffer>, string][] = [
        ["cut short", whole.slice(0, whole.length - 20), "backup_damaged"],
        ["flipped", whole.map((byte, index) => index === 40 ? byte ^ 1 : byte), "backup_damaged"],
        [
          "another key",
          await edit((text) => text.replace('"media-backups/notes/one"', '"backups/secret"')),
          "backup_damaged",
        ],
        [
          "a file less",
          await edit((text) => text.replace(/^\{"bucket":"notes","path":"one".*$/m, "")),
          "backup_damaged",
        ],
        ["another point", await edit((text) => text.replace(point(1), point(9))), "backup_damaged"],
        [
          "a later version",
          await edit((text) => text.replace('"formatVersion":1', '"formatVersion":2')),
          "format_unknown",
        ],
      ];
      for (const [name, bytes, code] of cases) {
        await store.put(key, bytes, { contentType: "application/gzip" });
        await assert.rejects(restore(store, target), (error) => {
          assert.ok(error instanceof LifeboatError, String(error));
          assert.equal(error.code, code, `${name}: ${error.message}`);
          return true;
        });
      }
      assert.deepEqual(target.writes, []);
    });

    await step(
      "an outage of a moment is waited for, one that stays ends the restore, and the next run goes on",
      async (store) => {
        await using target = new StorageProject();
        for (let index = 0; index < 30; index++) await project.upload("notes", `n${index}`, `note ${index}`);
        await backUp(store);
        const tools = dependencies(store, target);
        const plan = await planRestore(tools, { point: "latest", mediaOnly: true });
        target.buckets.set("notes", { id: "notes", name: "notes", public: true });
        target.outage.times = 2;
        const failing = applyRestore(tools, plan, ({ filesDone }) => {
          if (filesDone === 10) target.outage.times = Infinity;
        });
        await assert.rejects(failing, (error) => error instanceof LifeboatError && error.code === "source_unavailable");
        const before = target.files.size;
        assert.ok(before >= 10 && before < 30);
        target.outage.times = 0;
        const { report } = await restore(store, target);
        assert.equal(report.status, "success");
        assert.deepEqual([report.media!.unchanged, report.media!.uploaded], [before, 30 - before]);
      },
    );

    for (const answerLost of [false, true]) {
      await step(
        `a restore that dies ${
          answerLost ? "after" : "before"
        } each request to Storage is completed by running it again`,
        async (store) => {
          await using target = new StorageProject();
          await project.bucket("hollow");
          for (const name of ["a", "b/c", "d"]) await project.upload("notes", name, `note ${name}`);
          await project.upload("videos", "large.mp4", large, { contentType: "video/mp4" });
          await backUp(store);
          const boundaries = new Set<string>();
          const storage = dyingOnceAtEach(boundaries, createHttpStorageTarget(target.settings), answerLost);
          const tools = { ...dependencies(store, target), storage };
          let report: RestoreReport | undefined;
          for (let attempt = 0; report === undefined; attempt++) {
            assert.ok(attempt < 100);
            const plan = await planRestore(tools, { point: "latest", mediaOnly: true }).catch(unlessKilled);
            if (plan) report = await applyRestore(tools, plan).catch(unlessKilled);
          }
          assert.equal(report.status, "success");
          assert.deepEqual([...target.buckets.keys()].sort(), ["hollow", "notes", "videos"]);
          assert.deepEqual([...target.files.keys()].sort(), ["notes/a", "notes/b/c", "notes/d", "videos/large.mp4"]);
          assert.equal(target.files.get("videos/large.mp4")!.bytes.length, large.length);
          for (const request of ["createBucket hollow", "upload notes/b/c", "upload videos/large.mp4"]) {
            assert.ok(boundaries.has(request), request);
          }
          // A file that has arrived is not sent again.
          const uploads = target.writes.filter((write) => /^POST (object|upload)/.test(write));
          assert.equal(uploads.length, 4);
        },
      );
    }

    await step("an empty project costs a listing, and three requests a file", async (store) => {
      await using target = new StorageProject();
      await using proxy = new FaultyProxy(server.settings.endpoint);
      for (let index = 0; index < 30; index++) await project.upload("notes", `n${index}`, `note ${index}`);
      await backUp(store);
      const watched = prefixedStore(storeOn(server, { endpoint: proxy.url }), `case-${count}/`);
      assert.equal((await restore(watched, target)).report.media!.uploaded, 30);
      const files = proxy.seen.filter(({ target }) => target.includes("/media-backups/notes/"));
      assert.deepEqual([files.length, files.every(({ method }) => method === "GET")], [30, true]);
      assert.equal(
        proxy.seen.filter(({ target }) => target.includes("list-type=2") && target.includes("notes")).length,
        1,
      );
      assert.equal(target.reads.filter((read) => read.includes("notes/")).length, 30);
      assert.equal(target.writes.filter((write) => write.includes("notes/")).length, 30);
    });

    await step("a file that somebody puts into a bucket right after it was made is not overwritten", async (store) => {
      await using target = new StorageProject();
      for (const name of ["same", "other"]) await project.upload("notes", name, `note ${name}`);
      await backUp(store);
      const real = createHttpStorageTarget(target.settings);
      const put = (path: string, text: string) =>
        real.upload({
          bucket: "notes",
          path,
          sizeBytes: text.length,
          contentType: "text/plain",
          cacheControl: null,
          userMetadata: null,
          overwrite: false,
          open: () => Promise.resolve(new Blob([text]).stream()),
        });
      const storage: StorageTarget = {
        ...real,
        async createBucket(bucket, signal) {
          await real.createBucket(bucket, signal);
          await put("same", "note same");
          await put("other", "of somebody else");
        },
      };
      const tools = { ...dependencies(store, target), storage };
      const report = await applyRestore(tools, await planRestore(tools, { point: "latest", mediaOnly: true }));
      assert.deepEqual([report.media!.unchanged, report.media!.uploaded], [1, 0]);
      assert.match(report.media!.failed[0].reason, /^storage_object_exists/);
      assert.equal(text(target, "notes/other"), "of somebody else");
    });

    await step("a file that Storage spoils is never taken for restored, nor for somebody else's", async (store) => {
      await project.upload("notes", "one", "one");
      await backUp(store);
      for (const existing of ["refuse", "keep", "replace"] as const) {
        await using target = new StorageProject();
        target.spoils.add("notes/one");
        await assert.rejects(restore(store, target, { existing }), { code: "storage_upload_differs" }, existing);
        target.spoils.clear();
        await assert.rejects(restore(store, target), { code: "restore_conflicts" });
        assert.equal((await restore(store, target, { existing: "replace" })).report.status, "success");
      }
    });

    await step("files without the target's Storage are refused", async (store) => {
      await using target = new StorageProject();
      await project.upload("notes", "one", "one");
      await backUp(store);
      const tools = { ...dependencies(store, target), storage: undefined };
      await assert.rejects(planRestore(tools, { point: "latest", mediaOnly: true }), { code: "storage_not_given" });
    });

    await step("a wrong key is said at once", async (store) => {
      await using target = new StorageProject();
      await project.upload("notes", "one", "one");
      await backUp(store);
      const storage = createHttpStorageTarget({ ...target.settings, secretKey: "sb_secret_other" });
      await assert.rejects(
        planRestore({ ...dependencies(store, target), storage }, { point: "latest", mediaOnly: true }),
        (error) => error instanceof LifeboatError && error.code === "source_refused",
      );
    });
  },
});

/** Wraps Storage so that its caller dies once before each request or, with `answerLost`, after it. */
function dyingOnceAtEach(boundaries: Set<string>, storage: StorageTarget, answerLost: boolean): StorageTarget {
  const once = async <Result>(boundary: string, request: () => Promise<Result>): Promise<Result> => {
    if (boundaries.has(boundary)) return await request();
    boundaries.add(boundary);
    if (answerLost) await request();
    throw new Killed();
  };
  return {
    buckets: (signal) => once("buckets", () => storage.buckets(signal)),
    createBucket: (bucket, signal) => once(`createBucket ${bucket.id}`, () => storage.createBucket(bucket, signal)),
    describe: (bucket, path, signal) => storage.describe(bucket, path, signal),
    read: (bucket, path, signal) => storage.read(bucket, path, signal),
    upload: (upload, signal) => once(`upload ${upload.bucket}/${upload.path}`, () => storage.upload(upload, signal)),
  };
}

class Killed extends Error {}

/** Rethrows every error but the simulated death, which may be the cause of another error. */
function unlessKilled(error: unknown): undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof Killed) return;
  throw error;
}

/** Wraps a store so that the first byte of every file that is read is wrong; all other answers stay as they are. */
function rotting(store: ObjectStore): ObjectStore {
  return {
    head: (...args) => store.head(...args),
    get: async (key, options, signal) => {
      const { info, body } = await store.get(key, options, signal);
      if (!key.startsWith("media-backups/")) return { info, body };
      let first = true;
      const spoiled = body.pipeThrough(
        new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
          transform(block, controller) {
            const copy = block.slice();
            if (first) copy[0] ^= 1;
            first = false;
            controller.enqueue(copy);
          },
        }),
      );
      return { info, body: spoiled };
    },
    list: (...args) => store.list(...args),
    put: (...args) => store.put(...args),
    putStream: (...args) => store.putStream(...args),
    openUpload: (...args) => store.openUpload(...args),
    copy: (...args) => store.copy(...args),
    remove: (...args) => store.remove(...args),
  };
}

/** Changes one bit of an object at its key, as a failing disk does. */
async function spoil(store: ObjectStore, key: string): Promise<void> {
  const bytes = (await readBytes(store, key)).slice();
  bytes[bytes.length >> 1] ^= 1;
  await store.put(key, bytes, { contentType: "text/plain" });
}

async function packed(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

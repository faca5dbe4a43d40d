import { createHash } from "node:crypto";
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { backupMedia } from "../../supabase/functions/_shared/engine/media/backup_media.ts";
import { mediaKey } from "../../supabase/functions/_shared/engine/format/keys.ts";
import { rememberDestination } from "../../supabase/functions/_shared/engine/media/destination.ts";
import { describePoint } from "../../supabase/functions/_shared/engine/points/list_points.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { prefixedStore } from "../../supabase/functions/_shared/engine/store/prefixed_store.ts";
import { mediaDetails } from "../../supabase/functions/_shared/contract/mod.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import { retryingStore } from "../../supabase/functions/_shared/engine/store/retrying_store.ts";
import { FaultyProxy } from "../support/faulty_proxy.ts";
import { startS3rver, storeOn } from "../support/s3_server.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";
import { assertReachable } from "./worker_pool.ts";
import { plainRun, point } from "./plain_run.ts";
import { MediaProject } from "./project.ts";
import { md5 } from "./storage_server.ts";
import { keysUnder, readBytes, readStoredManifest, readStoredText } from "./stored.ts";

const settings = { project: "sample", partSizeBytes: 5 * 1024 * 1024 };

const without = await versitygwIsMissing();

Deno.test("media backup", async (test) => {
  await using project = await MediaProject.start();
  await using server = without ? await startS3rver() : await startVersitygw();
  await using versioned = without ? undefined : await startVersitygw({ versions: true });
  let count = 0;

  /** Each case has an empty project and a folder of its own in the bucket. */
  function step(name: string, run: (store: ReturnType<typeof storeOn>) => Promise<void>) {
    return test.step(name, async () => {
      await project.reset();
      await run(prefixedStore(storeOn(server), `case-${++count}/`));
    });
  }

  await step("copies every object with what Storage knows of it, and the manifest names each", async (store) => {
    await project.upload("photos", "a/one.png", "picture", {
      contentType: "image/png",
      cacheControl: "max-age=60",
      userMetadata: { author: "Ada Example", "Größe": 3 },
    });
    await project.upload("photos", "a/two.png", "picture two", { userMetadata: { author: "Zoë" }, asString: true });
    await project.bucket("empty");
    const run = plainRun(point(1));
    const outcome = await backupMedia(project.dependencies(store), settings, run);
    strictEqual(outcome.status, "success");
    strictEqual(outcome.files, 2);
    strictEqual(outcome.bytes, 18);
    const details = mediaDetails.parse(outcome.details);
    deepStrictEqual(details.buckets, [
      { bucket: "empty", files: 0, bytes: 0, copied: 0, unchanged: 0, skipped: 0 },
      { bucket: "photos", files: 2, bytes: 18, copied: 2, unchanged: 0, skipped: 0 },
    ]);
    strictEqual(details.warnings.length, 1);

    const one = await store.head("media-backups/photos/a/one.png");
    strictEqual(one.contentType, "image/png");
    strictEqual(one.cacheControl, "max-age=60");
    const two = await store.head("media-backups/photos/a/two.png");
    strictEqual(two.metadata.author, "Zoë");

    const manifest = await readStoredManifest(store, point(1));
    strictEqual(manifest.totals.files, 2);
    const [first, second] = manifest.objects;
    strictEqual(first.path, "a/one.png");
    deepStrictEqual(first.userMetadata, { author: "Ada Example", "Größe": 3 });
    strictEqual(first.contentType, "image/png");
    strictEqual(first.status, "copied");
    strictEqual(second.md5, md5(new TextEncoder().encode("picture two")));
    strictEqual(second.etag, second.md5);
    strictEqual(second.size, 11);
    deepStrictEqual(manifest.buckets[1].definition.public, true);

    const file = await readBytes(store, outcome.s3Key!);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(file)));
    strictEqual(outcome.checksum, `sha256:${Array.from(digest, (b) => b.toString(16).padStart(2, "0")).join("")}`);
    strictEqual(
      await readStoredText(store, "media-backups/manifest.json"),
      new TextDecoder().decode(gunzipSync(file)),
    );
    ok(run.progress.some((progress) => progress.filesDone === 2 && progress.bytesTotal === 18));
  });

  await step("a second run over unchanged objects reads nothing and writes no object", async (store) => {
    await project.upload("photos", "one", "1");
    await project.upload("photos", "two", "22");
    await backupMedia(project.dependencies(store), settings, plainRun(point(1)));
    const before = await store.head("media-backups/photos/one");
    project.storage.asked.length = 0;
    const outcome = await backupMedia(project.dependencies(store), settings, plainRun(point(2)));
    deepStrictEqual(project.storage.asked, []);
    strictEqual(outcome.bytes, 0);
    strictEqual(outcome.rawBytes, 3);
    const manifest = await readStoredManifest(store, point(2));
    deepStrictEqual(manifest.objects.map((object) => object.status), ["unchanged", "unchanged"]);
    const { objects: [first] } = await readStoredManifest(store, point(1));
    deepStrictEqual({ ...manifest.objects[0], status: "copied" }, first);
    deepStrictEqual((await store.head("media-backups/photos/one")).lastModified, before.lastModified);
    // The list of the earlier point is dropped, because its manifest holds it.
    deepStrictEqual(await project.sql("select distinct recovery_point from lifeboat.media_items"), [
      { recovery_point: point(2) },
    ]);
  });

  await step("names of every kind arrive under the key that the manifest gives", async (store) => {
    const names = [
      ...'with space.txt|a+b.txt|a&b=c;d.txt|it\'s "quoted".txt|ünïcödé/日本.txt|emoji 🚣.txt|100%.txt|%2e%2e|a#b?c.txt'
        .split("|"),
      ..."(round) [square] {curly}.txt|back\\slash.txt|dot./.hidden|~tilde!*,@$.txt|a//b.txt|empty".split("|"),
      `${"long/".repeat(200)}${"x".repeat(100)}`,
    ];
    for (const name of names) await project.upload("any-name", name, name === "empty" ? "" : `content of ${name}`);
    await project.upload("archive", "x.txt", "in a bucket named archive");
    await project.upload("manifest.json", "x.txt", "in a bucket named manifest.json");
    await project.upload("public", "x.txt", "in a bucket named like a route");
    const outcome = await backupMedia(project.dependencies(store), settings, plainRun(point(1)));
    deepStrictEqual(mediaDetails.parse(outcome.details).skipped, []);
    strictEqual(outcome.status, "success");
    const manifest = await readStoredManifest(store, point(1));
    strictEqual(manifest.objects.length, names.length + 3);
    for (const name of names) {
      const object = manifest.objects.find((it) => it.bucket === "any-name" && it.path === name)!;
      strictEqual(object.s3Key, (await mediaKey("any-name", name)).key);
      strictEqual(await readStoredText(store, object.s3Key), name === "empty" ? "" : `content of ${name}`, name);
    }
    const long = manifest.objects.find((it) => it.path === names.at(-1))!;
    ok(long.s3Key.startsWith("media-backups/.overflow/"));
    strictEqual(JSON.parse(await readStoredText(store, "media-backups/manifest.json")).format, "lifeboat-media");
  });

  await step("a name that no address leads to is skipped with a reason, and the run is partial", async (store) => {
    await project.upload("photos", "a/../../secret.txt", "hidden");
    await project.upload("photos", "./b", "hidden too");
    await project.upload("photos", "c", "seen");
    const outcome = await backupMedia(project.dependencies(store), settings, plainRun(point(1)));
    strictEqual(outcome.status, "partial");
    strictEqual(outcome.errorCode, "objects_skipped");
    const { skipped } = await readStoredManifest(store, point(1));
    deepStrictEqual(skipped.map(({ path, code }) => [path, code]), [
      ["./b", "source_path_unreachable"],
      ["a/../../secret.txt", "source_path_unreachable"],
    ]);
    deepStrictEqual(project.storage.asked, ["photos/c"]);
  });

  await step(
    "vanished and unreadable objects are recorded; only the unreadable one makes the run partial",
    async (store) => {
      await project.upload("photos", "stays", "stays");
      await project.upload("photos", "vanishes", "soon gone");
      project.storage.onRequest = async (name) => {
        if (name === "photos/vanishes") await project.remove("photos", "vanishes");
      };
      const first = await backupMedia(project.dependencies(store), settings, plainRun(point(1)));
      strictEqual(first.status, "success");
      strictEqual(first.skipped, 1);
      strictEqual((await readStoredManifest(store, point(1))).skipped[0].code, "object_vanished");

      project.storage.onRequest = undefined;
      await project.upload("photos", "no bytes", "x");
      project.storage.remove("photos/no bytes");
      await project.upload("photos", "broken", "x");
      project.storage.misbehave("photos/broken", { kind: "status", status: 500 });
      const second = await backupMedia(project.dependencies(store), settings, plainRun(point(2)));
      strictEqual(second.status, "partial");
      strictEqual(second.errorCode, "objects_skipped");
      deepStrictEqual((await readStoredManifest(store, point(2))).skipped.map(({ path, code }) => [path, code]), [
        ["broken", "source_unavailable"],
        ["no bytes", "object_unreadable"],
      ]);
      strictEqual(project.storage.asked.filter((name) => name === "photos/broken").length, 3);
      const files = new Set(["mediaManifest"] as const);
      const { problems } = await describePoint(store, { project: "sample", recoveryPoint: point(2), files });
      deepStrictEqual(problems.map(({ code }) => code), ["database_absent", "files_skipped"]);

      const several = await backupMedia(
        project.dependencies(store),
        { ...settings, buckets: ["photos", "photso"] },
        plainRun(point(3)),
      );
      deepStrictEqual([several.status, several.errorCode], ["partial", "media_incomplete"]);
      match(several.errorMessage!, /no bucket "photso".*2 files could not be copied/);

      project.storage.misbehave("photos/broken", undefined);
      const third = await backupMedia(project.dependencies(store), settings, plainRun(point(4)));
      strictEqual(third.skipped, 1);
      strictEqual(await readStoredText(store, "media-backups/photos/broken"), "x");
    },
  );

  await step("an object that is changed after it was listed is copied as served, with its skew", async (store) => {
    await project.upload("photos", "one", "old");
    const dependencies = project.dependencies(store);
    project.storage.onRequest = async () => {
      project.storage.onRequest = undefined;
      await project.upload("photos", "one", "newer");
    };
    const outcome = await backupMedia(dependencies, settings, plainRun(point(1)));
    strictEqual(outcome.status, "success");
    strictEqual(mediaDetails.parse(outcome.details).skewed.length, 1);
    const { objects: [object] } = await readStoredManifest(store, point(1));
    const [{ version }] = await project.sql("select version from storage.objects");
    strictEqual(object.version, version);
    strictEqual(object.size, 5);
    strictEqual(object.skew?.listed.size, 3);
    strictEqual(object.skew?.served.version, version);
    strictEqual(await readStoredText(store, object.s3Key), "newer");
    // The next point lists the newer version, which is stored already, so nothing is read.
    project.storage.asked.length = 0;
    await backupMedia(dependencies, settings, plainRun(point(2)));
    deepStrictEqual(project.storage.asked, []);
  });

  await step("a stale cache is asked past, whether it tells an old ETag, an old size or old bytes", async (store) => {
    for (const name of ["etag", "bytes"]) await project.upload("photos", name, "fresh");
    const stale = new TextEncoder().encode("stale");
    project.storage.misbehave("photos/etag", { kind: "cached", bytes: stale });
    const fresh = md5(new TextEncoder().encode("fresh"));
    project.storage.misbehave("photos/bytes", { kind: "cached", bytes: stale, etag: fresh });
    const outcome = await backupMedia(project.dependencies(store), settings, plainRun(point(1)));
    strictEqual(outcome.status, "success");
    deepStrictEqual(mediaDetails.parse(outcome.details).skewed, []);
    for (const name of ["etag", "bytes"]) {
      strictEqual(await readStoredText(store, `media-backups/photos/${name}`), "fresh");
    }
    for (const name of ["etag", "bytes"]) project.storage.misbehave(`photos/${name}`, undefined);
  });

  await step("an ETag that is no MD5 of the bytes is recorded, and the object is not copied again", async (store) => {
    await project.upload("photos", "one", "bytes");
    await project.list("photos", "one", { etag: "0".repeat(32), size: 5 });
    project.storage.misbehave("photos/one", { kind: "etag", etag: "0".repeat(32) });
    const outcome = await backupMedia(project.dependencies(store), settings, plainRun(point(1)));
    strictEqual(outcome.status, "success");
    ok(mediaDetails.parse(outcome.details).skewed[0].reason.includes("MD5"));
    project.storage.asked.length = 0;
    await backupMedia(project.dependencies(store), settings, plainRun(point(2)));
    deepStrictEqual(project.storage.asked, []);
    project.storage.misbehave("photos/one", undefined);
  });

  await step("a source that stalls, cuts off or fails for a moment is asked again", async (store) => {
    await project.upload("photos", "stall", "x".repeat(100_000));
    await project.upload("photos", "cut", "y".repeat(100_000));
    await project.upload("photos", "busy", "z");
    project.storage.misbehave("photos/stall", { kind: "stall", afterBytes: 50_000, times: 1 });
    project.storage.misbehave("photos/cut", { kind: "cut", afterBytes: 50_000, times: 2 });
    project.storage.misbehave("photos/busy", { kind: "status", status: 429, times: 1 });
    const outcome = await backupMedia(project.dependencies(store, 300), settings, plainRun(point(1)));
    strictEqual(outcome.status, "success");
    strictEqual(await readStoredText(store, "media-backups/photos/cut"), "y".repeat(100_000));
  });

  await step(
    "a configured bucket that does not exist is an error in the result; the others are copied",
    async (store) => {
      await project.upload("photos", "one", "1");
      await project.upload("private", "two", "2");
      await project.sql("insert into storage.buckets (id, name, type) values ('lake', 'lake', 'ANALYTICS')");
      await project.sql("insert into storage.buckets_analytics (id) values ('lake-2')");
      const outcome = await backupMedia(
        project.dependencies(store),
        { ...settings, buckets: ["photos", "photso"] },
        plainRun(point(1)),
      );
      strictEqual(outcome.status, "partial");
      strictEqual(outcome.errorCode, "bucket_not_found");
      const { ledger, objects } = await readStoredManifest(store, point(1));
      deepStrictEqual(ledger.map(({ identity, severity }) => [identity, severity]), [
        ["private", "expected"],
        ["lake", "expected"],
        ["lake-2", "expected"],
        ["photso", "missing"],
      ]);
      deepStrictEqual(objects.map((object) => object.path), ["one"]);
    },
  );

  await step("superseded and deleted versions in Storage's table are not in the list", async (store) => {
    await project.upload("photos", "one", "1");
    await project.sql(`insert into storage.objects (bucket_id, name, version, archived_at, metadata)
      values ('photos', 'one', 'old', now(), '{"size": 3}')`);
    await project.sql(`insert into storage.objects (bucket_id, name, version, is_delete_marker)
      values ('photos', 'deleted', 'marker', true)`);
    const outcome = await backupMedia(project.dependencies(store), settings, plainRun(point(1)));
    strictEqual(outcome.files, 1);
    strictEqual(outcome.status, "success");
  });

  await step("a large object goes in equal parts", async (store) => {
    const bytes = new Uint8Array(12 * 1024 * 1024 + 5).map((_, i) => i * 7 + (i >> 9));
    await project.upload("videos", "film.mp4", bytes, { contentType: "video/mp4" });
    await project.upload("videos", "exact.mp4", bytes.subarray(0, 10 * 1024 * 1024), { contentType: "video/mp4" });
    await backupMedia(project.dependencies(store), settings, plainRun(point(1)));
    const { objects: [exact, film] } = await readStoredManifest(store, point(1));
    strictEqual(film.s3ETag.endsWith("-3"), true);
    strictEqual(exact.s3ETag.endsWith("-2"), true);
    strictEqual(film.md5, null);
    strictEqual(film.sha256, createHash("sha256").update(bytes).digest("hex"));
    strictEqual(md5(await readBytes(store, film.s3Key)), md5(bytes));
    strictEqual((await store.head(film.s3Key)).contentType, "video/mp4");
    deepStrictEqual(await project.sql("select 1 from lifeboat.media_items where upload_id is not null"), []);
  });

  await step("an overwritten object is archived first, and older points still reach it", async (store) => {
    await project.upload("photos", "dir/one", "first", { contentType: "image/png" });
    await backupMedia(project.dependencies(store), settings, plainRun(point(1)));
    await project.upload("photos", "dir/one", "second");
    await backupMedia(project.dependencies(store), settings, plainRun(point(2)));
    await project.upload("photos", "dir/one", "third");
    await backupMedia(project.dependencies(store), settings, plainRun(point(3)));
    const manifests = [await readStoredManifest(store, point(1)), await readStoredManifest(store, point(2))];
    strictEqual(await readStoredText(store, manifests[0].objects[0].archiveKey), "first");
    strictEqual((await store.head(manifests[0].objects[0].archiveKey)).contentType, "image/png");
    strictEqual(await readStoredText(store, manifests[1].objects[0].archiveKey), "second");
    strictEqual(await readStoredText(store, "media-backups/photos/dir/one"), "third");
    strictEqual((await keysUnder(store, "media-archive/")).length, 2);
  });

  await step("an object that Lifeboat's tables do not know is archived, not overwritten", async (store) => {
    if (!server.capabilities.conditions) return;
    await project.upload("photos", "one", "first");
    await backupMedia(project.dependencies(store), settings, plainRun(point(1)));
    const { objects: [old] } = await readStoredManifest(store, point(1));
    await project.sql("truncate lifeboat.media_objects, lifeboat.media_items, lifeboat.media_points");
    await project.upload("photos", "one", "second");
    await backupMedia(project.dependencies(store), settings, plainRun(point(2)));
    strictEqual(await readStoredText(store, old.archiveKey), "first");
    strictEqual(await readStoredText(store, "media-backups/photos/one"), "second");
  });

  await step(
    "a point that was to be stored elsewhere meanwhile is not closed with what was stored before",
    async (store) => {
      const dependencies = project.dependencies(store);
      await rememberDestination(dependencies.database, "first");
      for (let i = 0; i < 5; i++) await project.upload("photos", `file ${i}`, `content ${i}`);
      let isMoved = false;
      const watched: ObjectStore = {
        ...store,
        async put(key, ...rest) {
          const stored = await store.put(key, ...rest);
          // The manifest is stored, but the run has not recorded that yet.
          if (!isMoved && key.startsWith("backups/")) {
            isMoved = true;
            await rememberDestination(dependencies.database, "second");
          }
          return stored;
        },
      };
      const outcome = await backupMedia({ ...dependencies, store: watched }, settings, plainRun(point(1)));
      strictEqual(outcome.status, "success");
      ok(isMoved);
      strictEqual(project.storage.asked.length, 10);
    },
  );

  if (versioned) {
    await test.step("where the bucket keeps versions, the older copy stays under its version id", async () => {
      await project.reset();
      const store = storeOn(versioned);
      await project.upload("photos", "one", "first");
      await backupMedia(project.dependencies(store), settings, plainRun(point(1)));
      await project.upload("photos", "one", "second");
      await backupMedia(project.dependencies(store), settings, plainRun(point(2)));
      const { objects: [old] } = await readStoredManifest(store, point(1));
      ok(old.s3VersionId);
      strictEqual(await readStoredText(store, old.s3Key, old.s3VersionId!), "first");
      strictEqual(await readStoredText(store, old.s3Key), "second");
      deepStrictEqual(await keysUnder(store, "media-archive/"), []);
    });
  }

  if (versioned) {
    await test.step("an upload whose end is answered by nobody keeps its version id, and older points reach it", async () => {
      await project.reset();
      await using proxy = new FaultyProxy(versioned.settings.endpoint);
      const behind = storeOn(versioned, { endpoint: proxy.url });
      const store = retryingStore(behind, { ...systemClock, sleep: () => Promise.resolve() }, () => 0.5);
      const film = (round: number) => new Uint8Array(6 * 1024 * 1024).fill(round);
      for (const round of [1, 2, 3]) {
        await project.upload("films", "long.mp4", film(round));
        if (round === 1) {
          // versitygw answers the repeated request without a version.
          proxy.arm(
            { kind: "drop", side: "response", afterBytes: 0 },
            (request) => request.method === "POST" && request.target.includes("uploadId="),
          );
        }
        await backupMedia(project.dependencies(store), settings, plainRun(point(10 + round)));
        for (let earlier = 1; earlier <= round; earlier++) await assertReachable(behind, point(10 + earlier));
      }
      strictEqual(typeof (await readStoredManifest(behind, point(11))).objects[0].s3VersionId, "string");
    });

    await test.step("a copy whose version nobody noted is archived where the bucket keeps versions too", async () => {
      await project.reset();
      const store = storeOn(versioned);
      await project.upload("notes", "a.txt", "first");
      await backupMedia(project.dependencies(store), settings, plainRun(point(4)));
      await project.sql("update lifeboat.media_objects set s3_version_id = null");
      await backupMedia(project.dependencies(store), settings, plainRun(point(5)));
      await project.upload("notes", "a.txt", "second");
      await backupMedia(project.dependencies(store), settings, plainRun(point(6)));
      strictEqual((await readStoredManifest(store, point(5))).objects[0].s3VersionId, null);
      await assertReachable(store, point(5));
    });
  }

  await step("two thousand small files", async (store) => {
    await project.bucket("many");
    for (let i = 0; i < 2_000; i++) {
      project.storage.put(`many/${i}`, new TextEncoder().encode(`file ${i}`), "text/plain", "");
    }
    await project.sql(`insert into storage.objects (bucket_id, name, version, metadata)
      select 'many', i::text, gen_random_uuid(), jsonb_build_object('eTag', '"' || md5('file ' || i) || '"',
        'size', length('file ' || i), 'mimetype', 'text/plain') from generate_series(0, 1999) i`);
    const started = Date.now();
    const outcome = await backupMedia(project.dependencies(store), settings, plainRun(point(1)));
    console.log(`      2,000 files in ${Date.now() - started} ms`);
    strictEqual(outcome.status, "success");
    strictEqual(outcome.files, 2_000);
    strictEqual(project.storage.asked.length, 2_000);
    strictEqual((await keysUnder(store, "media-backups/many/")).length, 2_000);
    strictEqual((await readStoredManifest(store, point(1))).objects.length, 2_000);
  });
});

import { createHash } from "node:crypto";
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { hasCode } from "../../supabase/functions/_shared/engine/errors.ts";
import { backupMedia } from "../../supabase/functions/_shared/engine/media/backup_media.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { prefixedStore } from "../../supabase/functions/_shared/engine/store/prefixed_store.ts";
import { assertReachable } from "../media/worker_pool.ts";
import { plainRun, point } from "../media/plain_run.ts";
import { MediaProject } from "../media/project.ts";
import { readBytes, readStoredManifest } from "../media/stored.ts";
import { errorXml, FaultyProxy, type SeenRequest } from "../support/faulty_proxy.ts";
import { startS3rver, storeOn } from "../support/s3_server.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";

const MEBIBYTE = 1024 * 1024;
const settings = { project: "sample", partSizeBytes: 5 * MEBIBYTE, oneRequestBytes: 20 * MEBIBYTE, r2Sources: [] };
const film = (seed: number) => new Uint8Array(12 * MEBIBYTE + 5).map((_, i) => seed + i * 7 + (i >> 9));
const inOneRequest = (request: SeenRequest) => request.headers.has("x-amz-trailer");
const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

const missing = await versitygwIsMissing();

Deno.test({
  name: `large files of the command line go in one request${missing ? `: ${missing}` : ""}`,
  ignore: missing !== undefined,
}, async (test) => {
  await using project = await MediaProject.start();
  await using server = await startVersitygw();
  await using proxy = new FaultyProxy(server.settings.endpoint);
  let count = 0;

  /** Runs a case with a project that has one film, and with a folder of its own in the bucket. */
  function step(name: string, run: (store: ObjectStore) => Promise<void>) {
    return test.step(name, async () => {
      await project.reset();
      proxy.seen.length = 0;
      await project.upload("videos", "film.mp4", film(1), { contentType: "video/mp4" });
      await run(prefixedStore(storeOn(server, { endpoint: proxy.url, stallTimeoutMs: 500 }), `case-${++count}/`));
    });
  }

  /** Makes a backup, which must succeed, store the bytes that Storage has, and record their SHA-256 in the manifest. */
  async function backUp(store: ObjectStore, day: number, bytes: Uint8Array): Promise<{ readonly isInParts: boolean }> {
    const outcome = await backupMedia(project.dependencies(store), settings, plainRun(point(day)));
    strictEqual(outcome.status, "success", JSON.stringify(outcome));
    const { objects: [object] } = await readStoredManifest(store, point(day));
    strictEqual(object.sha256, digest(bytes));
    strictEqual(digest(await readBytes(store, object.s3Key)), digest(bytes));
    const info = await store.head(object.s3Key);
    strictEqual(info.etag, object.s3ETag);
    strictEqual(info.contentType, "video/mp4");
    const isInParts = object.s3ETag.includes("-");
    // For an object that was sent whole, Storage and S3 agree on the MD5.
    strictEqual(object.md5, isInParts ? null : info.etag);
    return { isInParts };
  }

  await step("and older points still reach what was replaced", async (store) => {
    for (const day of [1, 2, 3]) {
      await project.upload("videos", "film.mp4", film(day), { contentType: "video/mp4" });
      deepStrictEqual(await backUp(store, day, film(day)), { isInParts: false });
      for (let earlier = 1; earlier <= day; earlier++) await assertReachable(store, point(earlier));
    }
    strictEqual(proxy.seen.filter(inOneRequest).length, 3);
  });

  await step("in parts when the connection breaks in the middle", async (store) => {
    proxy.arm({ kind: "drop", side: "request", afterBytes: 3 * MEBIBYTE }, inOneRequest);
    deepStrictEqual(await backUp(store, 1, film(1)), { isInParts: true });
  });

  await step("in parts when a byte was changed on its way", async (store) => {
    proxy.arm({ kind: "flip", side: "request", atByte: 4 * MEBIBYTE }, inOneRequest);
    deepStrictEqual(await backUp(store, 1, film(1)), { isInParts: true });
  });

  await step("in parts when nobody answers, whether it was stored or not", async (store) => {
    proxy.arm({ kind: "stall" }, inOneRequest);
    deepStrictEqual(await backUp(store, 1, film(1)), { isInParts: true });
    await project.upload("videos", "film.mp4", film(2), { contentType: "video/mp4" });
    proxy.arm({ kind: "unanswered" }, inOneRequest);
    deepStrictEqual(await backUp(store, 2, film(2)), { isInParts: true });
    await assertReachable(store, point(1));
  });

  await step(
    "in parts when the store refuses the encoding, as if the key were wrong, and it is not tried again",
    async (store) => {
      await project.upload("videos", "second.mp4", film(2));
      proxy.arm({ kind: "answer", status: 403, body: errorXml("SignatureDoesNotMatch") }, inOneRequest, 2);
      const outcome = await backupMedia(
        project.dependencies(store),
        { ...settings, concurrency: 1 },
        plainRun(point(1)),
      );
      strictEqual(outcome.status, "success");
      strictEqual(proxy.seen.filter(inOneRequest).length, 1);
      const { objects } = await readStoredManifest(store, point(1));
      deepStrictEqual(objects.map(({ s3ETag }) => s3ETag.endsWith("-3")), [true, true]);
    },
  );

  await step("in parts over plain http that leaves the machine", async () => {
    const there = storeOn(server, { endpoint: "http://s3.example.com" });
    await rejects(
      there.putStream("a", (async function* () {})(), { contentType: "text/plain", sizeBytes: 1 }),
      (error) => hasCode(error, "store_failed"),
    );
  });

  await step("in parts when Storage breaks off in the middle, and nothing half is stored", async (store) => {
    project.storage.misbehave("videos/film.mp4", { kind: "cut", afterBytes: 6 * MEBIBYTE, times: 1 });
    deepStrictEqual(await backUp(store, 1, film(1)), { isInParts: true });
    project.storage.misbehave("videos/film.mp4", undefined);
  });

  await step("in parts when something unknown lies at the key, which is kept", async (store) => {
    await store.put("media-backups/videos/film.mp4", new TextEncoder().encode("of somebody else"), {
      contentType: "text/plain",
    });
    deepStrictEqual(await backUp(store, 1, film(1)), { isInParts: true });
    const kept: string[] = [];
    for await (const { key } of store.list("media-archive/videos/")) kept.push(key);
    strictEqual(new TextDecoder().decode(await readBytes(store, kept[0])), "of somebody else");
  });

  await step("above the limit in parts at once", async (store) => {
    const outcome = await backupMedia(
      project.dependencies(store),
      { ...settings, oneRequestBytes: 12 * MEBIBYTE },
      plainRun(point(1)),
    );
    strictEqual(outcome.status, "success");
    deepStrictEqual(proxy.seen.filter(inOneRequest), []);
  });
});

Deno.test("a server that does not check what it is sent as a stream gets large files in parts", async () => {
  await using project = await MediaProject.start();
  await using server = await startS3rver();
  await using proxy = new FaultyProxy(server.settings.endpoint);
  const store = storeOn(server, { endpoint: proxy.url });
  for (let number = 0; number < 4; number++) await project.upload("videos", `${number}.mp4`, film(number));
  const outcome = await backupMedia(project.dependencies(store), { ...settings, concurrency: 1 }, plainRun(point(1)));
  strictEqual(outcome.status, "success");
  strictEqual(proxy.seen.filter(inOneRequest).length, 1);
  const { objects } = await readStoredManifest(store, point(1));
  strictEqual(objects.length, 4);
  for (const object of objects) strictEqual(digest(await readBytes(store, object.s3Key)), object.sha256);
});

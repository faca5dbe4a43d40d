import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { type ConnectionFault, errorXml } from "../support/faulty_proxy.ts";
import { storeOn } from "../support/s3_server.ts";
import { everyOperation, large, MEBIBYTE, operations, plain, scenario, small } from "../support/s3_stage.ts";
import { failsWith, keysUnder, md5, piecesOf, readAll, sampleBytes } from "./object_store.ts";
import { eventually } from "../support/eventually.ts";
import { lasting } from "../support/lasting.ts";

// How the store handles connections that break, stall or change bytes, on real sockets.

scenario("a connection that is dropped at once is unavailable, and succeeds when repeated", async (stage) => {
  await everyOperation(stage, { kind: "hang up" }, "store_unavailable");
});

scenario(
  "an upload whose connection drops in the middle of a part stores nothing, and succeeds when repeated",
  async (stage) => {
    const { proxy, store, retrying } = stage;
    const cut: ConnectionFault = { kind: "drop", side: "request", afterBytes: 2 * MEBIBYTE };
    proxy.arm(cut);
    await failsWith("store_unavailable", store.put("a", large, plain));
    await failsWith("object_missing", store.head("a"));
    proxy.arm(cut, (r) => r.method === "PUT", 3);
    await retrying.put("a", large, plain);
    strictEqual(md5(await readAll(store, "a")), md5(large));

    const upload = await retrying.openUpload("parts", plain);
    proxy.arm(cut, operations.putPart.is, 2);
    const part = await upload.putPart(1, large);
    await upload.complete([part]);
    strictEqual(md5(await readAll(store, "parts")), md5(large));
  },
);

scenario(
  "a stream whose part is cut fails, gives its parts back, closes its source and stores nothing",
  async (stage) => {
    const { proxy, store } = stage;
    proxy.arm({ kind: "drop", side: "request", afterBytes: MEBIBYTE }, operations.putPart.is);
    let isClosed = false;
    let readBytes = 0;
    async function* source() {
      try {
        for await (const piece of piecesOf(sampleBytes(40 * MEBIBYTE), MEBIBYTE)) {
          readBytes += piece.byteLength;
          yield piece;
        }
      } finally {
        isClosed = true;
      }
    }
    await failsWith("store_unavailable", store.putStream("a", source(), plain));
    ok(isClosed && readBytes < 30 * MEBIBYTE, `${readBytes} bytes were read`);
    strictEqual(proxy.seen.at(-1)?.method, "DELETE");
    await failsWith("object_missing", store.head("a"));
  },
);

scenario("a download that is cut off rejects instead of ending", async ({ proxy, store }) => {
  await store.put("a", large, plain);
  for (const afterBytes of [0, 1, 3 * MEBIBYTE, large.byteLength - 1]) {
    proxy.arm({ kind: "drop", side: "response", afterBytes }, operations.get.is);
    await failsWith("store_unavailable", readAll(store, "a"));
  }
});

scenario("a listing that is cut off rejects instead of ending, and is complete when repeated", async (stage) => {
  const { proxy, store, retrying } = stage;
  const keys = Array.from({ length: 20 }, (_, index) => `in/${10 + index}`);
  for (const key of keys) await store.put(key, small, plain);
  for (const afterBytes of [10, 600, 1500]) {
    proxy.arm({ kind: "drop", side: "response", afterBytes }, operations.list.is, 2);
    await failsWith("store_unavailable", keysUnder(store, "in/"));
    deepStrictEqual(await keysUnder(retrying, "in/"), keys);
  }
});

scenario("a server that never answers is unavailable after the stall time", async (stage) => {
  for (const [name, { ask, is }] of Object.entries(operations)) {
    await stage.store.put("a", small, plain);
    stage.proxy.arm({ kind: "stall" }, is);
    const began = performance.now();
    await failsWith("store_unavailable", ask(stage.store, "a"));
    const tookMs = performance.now() - began;
    // A busy machine adds seconds; the SDK's own limits would be minutes.
    ok(tookMs > 350 && tookMs < 30_000, `${name} took ${tookMs} ms`);
  }
});

scenario("a download that stops in the middle is unavailable after the stall time", async ({ proxy, store }) => {
  await store.put("a", large, plain);
  proxy.arm({ kind: "stall", afterResponseBytes: MEBIBYTE }, operations.get.is);
  await failsWith("store_unavailable", readAll(store, "a"));
});

scenario("a reader that takes its time is not a stalled server", async ({ store }) => {
  await store.put("a", large, plain);
  const { body } = await store.get("a");
  const reader = body.getReader();
  let sizeBytes = (await reader.read()).value?.byteLength ?? 0;
  await lasting(900);
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) sizeBytes += chunk.value.byteLength;
  strictEqual(sizeBytes, large.byteLength);
});

scenario("bytes that come between the look at an object and its copy are not copied", async ({ proxy, server }) => {
  if (!server.capabilities.conditions) return;
  const other = storeOn(server);
  const store = storeOn(server, { endpoint: proxy.url });
  await store.put("a", small, plain);
  const happens = () => other.put("a", new TextEncoder().encode("newer!"), plain);
  proxy.arm({ kind: "meanwhile", happens }, operations.copy.is);
  await failsWith("store_precondition_failed", store.copy("a", "b"));
  await failsWith("object_missing", store.head("b"));
});

scenario("a signal stops a request that stalls, with its reason", async ({ proxy, store }) => {
  for (const { is } of [operations.head, operations.put, operations.list]) {
    proxy.arm({ kind: "stall" }, is);
  }
  const reason = new Error("the sample was called off");
  const isReason = (error: unknown) => error === reason;
  const whenItStalls = () => {
    const stop = new AbortController();
    const stalledBefore = proxy.stalled;
    void eventually("the request stalls", () => proxy.stalled > stalledBefore).then(() => stop.abort(reason));
    return stop.signal;
  };
  await rejects(store.head("a", {}, whenItStalls()), isReason);
  await rejects(store.put("a", small, plain, whenItStalls()), isReason);
  await rejects(store.list("a", whenItStalls())[Symbol.asyncIterator]().next(), isReason);
  proxy.arm({ kind: "stall" }, operations.putPart.is);
  const pieces = piecesOf(sampleBytes(12 * MEBIBYTE), MEBIBYTE);
  await rejects(store.putStream("a", pieces, plain, whenItStalls()), isReason);
});

scenario("a byte changed on its way up is object_corrupt, and right when repeated", async (stage) => {
  const { proxy, store, retrying } = stage;
  const flip: ConnectionFault = { kind: "flip", side: "request", atByte: 3 };
  for (const name of ["put", "putPart", "putStream"] as const) {
    proxy.arm(flip, operations[name].is);
    strictEqual((await failsWith("object_corrupt", operations[name].ask(store, `a-${name}`))).kind, "transient");
  }
  proxy.arm(flip, operations.put.is);
  await retrying.put("a", small, plain);
  deepStrictEqual(await readAll(store, "a"), new Uint8Array(small));
});

scenario("an upload whose completion was answered by nobody is complete when repeated", async (stage) => {
  const { proxy, retrying, store } = stage;
  if (!stage.server.capabilities.uploadEnds) return;
  const upload = await retrying.openUpload("a", plain);
  const part = await upload.putPart(1, large);
  proxy.arm({ kind: "drop", side: "response", afterBytes: 0 }, operations.complete.is);
  // The server has forgotten the upload by the second try.
  proxy.arm({ kind: "answer", status: 404, body: errorXml("NoSuchUpload") }, operations.complete.is);
  strictEqual((await upload.complete([part])).sizeBytes, large.byteLength);
  strictEqual(md5(await readAll(store, "a")), md5(large));

  const other = await retrying.openUpload("b", plain);
  proxy.arm({ kind: "answer", status: 404, body: errorXml("NoSuchUpload") }, operations.complete.is);
  await failsWith("upload_missing", other.complete([part]));
});

scenario("a slow answer is waited for", async ({ proxy, store }) => {
  proxy.arm({ kind: "delay", ms: 200 });
  await store.put("a", small, plain);
});

scenario("the SDK tries nothing twice", async ({ proxy, store }) => {
  proxy.arm({ kind: "answer", status: 503, body: errorXml("SlowDown") }, () => true, 10);
  await failsWith("store_unavailable", store.head("a"));
  strictEqual(proxy.seen.length, 1);
});

scenario("above the limit of one copy request the server copies in parts", async ({ server, proxy }) => {
  if (!server.capabilities.encodedCopySource) return;
  const store = storeOn(server, { endpoint: proxy.url, largestCopyBytes: 5 * MEBIBYTE });
  const bytes = sampleBytes(12 * MEBIBYTE + 1);
  const options = { contentType: "video/mp4", cacheControl: "max-age=1", metadata: { name: "grüße" } };
  await store.putStream("a +&", piecesOf(bytes, MEBIBYTE), options);
  strictEqual((await store.copy("a +&", "b")).sizeBytes, bytes.byteLength);
  strictEqual(proxy.seen.filter((r) => r.headers.has("x-amz-copy-source-range")).length, 3);
  strictEqual(md5(await readAll(store, "b")), md5(bytes));
  const info = await store.head("b");
  deepStrictEqual([info.contentType, info.cacheControl, info.metadata], Object.values(options));
});

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { LifeboatError } from "../../supabase/functions/_shared/engine/errors.ts";
import type { ObjectStore, PutOptions } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { retryingStore } from "../../supabase/functions/_shared/engine/store/retrying_store.ts";
import { StoreAnswer } from "../../supabase/functions/_shared/engine/store/store_answer.ts";
import { errorXml, type Fault, FaultyProxy, type SeenRequest } from "../support/faulty_proxy.ts";
import { type S3Server, startS3rver, storeOn } from "../support/s3_server.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";
import { failsWith, keysUnder, md5, piecesOf, readAll, sampleBytes } from "./object_store.ts";

const mebibyte = 1024 * 1024;
const plain: PutOptions = { contentType: "text/plain" };
const small = new TextEncoder().encode("sample");
const large = sampleBytes(6 * mebibyte);

/** What a scenario of faults is given: a store behind a proxy that misbehaves when armed. */
interface Stage {
  readonly proxy: FaultyProxy;
  /** Asks once. */
  readonly store: ObjectStore;
  /** Asks again, after waits that the test does not wait for; they are recorded in `waitsMs`. */
  readonly retrying: ObjectStore;
  readonly waitsMs: number[];
  readonly server: S3Server;
}

const missing = await versitygwIsMissing();

function scenario(name: string, run: (stage: Stage) => Promise<void>): void {
  Deno.test({ name: missing ? `${name} (on s3rver: ${missing})` : name, fn: () => onStage(run) });
}

async function onStage(run: (stage: Stage) => Promise<void>): Promise<void> {
  await using server = missing ? await startS3rver() : await startVersitygw();
  await using proxy = new FaultyProxy(server.settings.endpoint);
  const store = storeOn(server, { endpoint: proxy.url, stallTimeoutMs: 400, streamPartBytes: 5 * mebibyte });
  const waitsMs: number[] = [];
  const clock = { now: () => new Date(), sleep: (ms: number) => Promise.resolve(void waitsMs.push(ms)) };
  await run({ proxy, store, retrying: retryingStore(store, clock, () => 0.5), waitsMs, server });
}

/** Each kind of request, and a way to tell it on the wire. */
const operations: Record<
  string,
  { ask(store: ObjectStore, key: string): Promise<unknown>; is(r: SeenRequest): boolean }
> = {
  head: { ask: (store, key) => store.head(key), is: (r) => r.method === "HEAD" },
  get: { ask: (store, key) => readAll(store, key), is: (r) => r.method === "GET" },
  list: { ask: (store, key) => keysUnder(store, key), is: (r) => r.target.includes("list-type=2") },
  put: { ask: (store, key) => store.put(key, small, plain), is: (r) => r.method === "PUT" },
  putStream: { ask: (store, key) => store.putStream(key, piecesOf(small, 2), plain), is: (r) => r.method === "PUT" },
  openUpload: { ask: (store, key) => store.openUpload(key, plain), is: (r) => r.target.includes("uploads") },
  putPart: {
    ask: async (store, key) => (await store.openUpload(key, plain)).putPart(1, small),
    is: (r) => r.target.includes("partNumber=1"),
  },
  complete: {
    async ask(store, key) {
      const upload = await store.openUpload(key, plain);
      return await upload.complete([await upload.putPart(1, small)]);
    },
    is: (r) => r.method === "POST" && r.target.includes("uploadId="),
  },
  copy: { ask: (store, key) => store.copy(key, `${key}-copy`), is: (r) => r.headers.has("x-amz-copy-source") },
  remove: { ask: (store, key) => store.remove([key]), is: (r) => r.target.includes("delete") },
};

/** Arms a fault for each kind of request in turn: it fails with the code, and succeeds when asked again. */
async function everyOperation(stage: Stage, fault: Fault, code: string): Promise<void> {
  for (const [name, { ask, is }] of Object.entries(operations)) {
    await stage.store.put(`a-${name}`, small, plain);
    stage.proxy.arm(fault, is);
    const failure = await failsWith(code, ask(stage.store, `a-${name}`));
    strictEqual(failure.operation?.startsWith("s3."), true, name);
    if (name === "putStream") continue;
    await stage.store.put(`a-${name}`, small, plain);
    stage.proxy.arm(fault, is);
    await ask(stage.retrying, `a-${name}`);
  }
}

for (const [status, code] of [[500, "InternalError"], [503, "SlowDown"], [429, "TooManyRequests"]] as const) {
  scenario(`every request answered ${status} ${code} is unavailable, and succeeds when repeated`, async (stage) => {
    await everyOperation(stage, { kind: "answer", status, body: errorXml(code) }, "store_unavailable");
  });
}

scenario("a 502 with a page of a proxy in HTML is unavailable", async (stage) => {
  const body = "<html><body>Bad Gateway<br></body></html>";
  await everyOperation(stage, { kind: "answer", status: 502, body }, "store_unavailable");
});

scenario("a 404 that is not the store's is never object_missing", async (stage) => {
  const body = "<html><body>no such site</body></html>";
  for (const name of ["get", "list", "put"] as const) {
    stage.proxy.arm({ kind: "answer", status: 404, body });
    const failure = await failsWith("store_failed", operations[name].ask(stage.store, "a"));
    strictEqual(failure.kind, "permanent");
  }
  stage.proxy.arm({ kind: "answer", status: 404, body }, () => true, 2);
  await failsWith("store_failed", stage.store.head("a"));
});

scenario("a connection that is dropped at once is unavailable, and succeeds when repeated", async (stage) => {
  await everyOperation(stage, { kind: "hang up" }, "store_unavailable");
});

scenario(
  "an upload whose connection drops in the middle of a part stores nothing, and succeeds when repeated",
  async (stage) => {
    const { proxy, store, retrying } = stage;
    const cut: Fault = { kind: "drop", side: "request", afterBytes: 2 * mebibyte };
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

scenario("a stream whose part is cut fails, gives its parts back and stores nothing", async ({ proxy, store }) => {
  proxy.arm({ kind: "drop", side: "request", afterBytes: mebibyte }, operations.putPart.is);
  await failsWith("store_unavailable", store.putStream("a", piecesOf(sampleBytes(18 * mebibyte), mebibyte), plain));
  strictEqual(proxy.seen.at(-1)?.method, "DELETE");
  await failsWith("object_missing", store.head("a"));
});

scenario("a download that is cut off rejects instead of ending", async ({ proxy, store }) => {
  await store.put("a", large, plain);
  for (const afterBytes of [0, 1, 3 * mebibyte, large.byteLength - 1]) {
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
    ok(tookMs > 350 && tookMs < 3000, `${name} took ${tookMs} ms`);
  }
});

scenario("a download that stops in the middle is unavailable after the stall time", async ({ proxy, store }) => {
  await store.put("a", large, plain);
  proxy.arm({ kind: "stall", afterResponseBytes: mebibyte }, operations.get.is);
  await failsWith("store_unavailable", readAll(store, "a"));
});

scenario("a reader that takes its time is not a stalled server", async ({ store }) => {
  await store.put("a", large, plain);
  const { body } = await store.get("a");
  const reader = body.getReader();
  let sizeBytes = (await reader.read()).value?.byteLength ?? 0;
  await new Promise((resolve) => setTimeout(resolve, 900));
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) sizeBytes += chunk.value.byteLength;
  strictEqual(sizeBytes, large.byteLength);
});

scenario("a signal stops a request that stalls, with its reason", async ({ proxy, store }) => {
  for (const { is } of [operations.head, operations.put, operations.list]) {
    proxy.arm({ kind: "stall" }, is);
  }
  const reason = new Error("the sample was called off");
  const isReason = (error: unknown) => error === reason;
  const soon = () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(reason), 50);
    return stop.signal;
  };
  await rejects(store.head("a", {}, soon()), isReason);
  await rejects(store.put("a", small, plain, soon()), isReason);
  await rejects(store.list("a", soon())[Symbol.asyncIterator]().next(), isReason);
  proxy.arm({ kind: "stall" }, operations.putPart.is);
  await rejects(store.putStream("a", piecesOf(sampleBytes(12 * mebibyte), mebibyte), plain, soon()), isReason);
});

scenario("a byte changed on its way up is object_corrupt, and right when repeated", async (stage) => {
  const { proxy, store, retrying } = stage;
  const flip: Fault = { kind: "flip", side: "request", atByte: 3 };
  for (const name of ["put", "putPart", "putStream"] as const) {
    proxy.arm(flip, operations[name].is);
    strictEqual((await failsWith("object_corrupt", operations[name].ask(store, `a-${name}`))).kind, "transient");
  }
  proxy.arm(flip, operations.put.is);
  await retrying.put("a", small, plain);
  deepStrictEqual(await readAll(store, "a"), new Uint8Array(small));
});

scenario("an ETag that is not the MD5 of the bytes is object_corrupt", async ({ proxy, store }) => {
  const answer: Fault = { kind: "answer", status: 200, headers: { etag: `"${"0".repeat(32)}"` } };
  for (const name of ["put", "putPart", "putStream"] as const) {
    proxy.arm(answer, operations[name].is);
    await failsWith("object_corrupt", operations[name].ask(store, "a"));
  }
});

scenario("an ETag under a KMS key is not taken for an MD5", async ({ proxy, store }) => {
  const headers = { etag: `"${"0".repeat(32)}"`, "x-amz-server-side-encryption": "aws:kms" };
  proxy.arm({ kind: "answer", status: 200, headers }, operations.put.is);
  strictEqual((await store.put("a", small, plain)).etag, "0".repeat(32));
});

scenario("a success without an ETag is not believed", async ({ proxy, store }) => {
  proxy.arm({ kind: "answer", status: 200 }, operations.put.is);
  await failsWith("store_unavailable", store.put("a", small, plain));
});

scenario("a 200 that holds an error is an error, for complete and copy", async (stage) => {
  const { proxy, store } = stage;
  for (const name of ["complete", "copy"] as const) {
    await store.put("a", small, plain);
    const cases = [
      [errorXml("InternalError"), "store_unavailable"],
      [errorXml("AccessDenied"), "store_refused"],
      ["", "store_unavailable"],
      ['<?xml version="1.0" encoding="UTF-8"?>\n<CompleteMult', "store_unavailable"],
    ];
    for (const [body, code] of cases) {
      proxy.arm({ kind: "answer", status: 200, body }, operations[name].is);
      await failsWith(code, operations[name].ask(store, "a"));
    }
  }
});

scenario("a removal is believed only when the answer names every key", async ({ proxy, store }) => {
  const result = (inner: string) => `<?xml version="1.0" encoding="UTF-8"?>\n<DeleteResult>${inner}</DeleteResult>`;
  const cases = [
    ["", "store_unavailable"],
    ["<Deleted><Key>a</Key></Deleted>", "store_unavailable"],
    [
      "<Deleted><Key>a</Key></Deleted><Error><Key>b</Key><Code>AccessDenied</Code><Message>x</Message></Error>",
      "store_refused",
    ],
    [
      "<Deleted><Key>a</Key></Deleted><Error><Key>b</Key><Code>SlowDown</Code><Message>x</Message></Error>",
      "store_unavailable",
    ],
  ];
  for (const [inner, code] of cases) {
    proxy.arm({ kind: "answer", status: 200, body: result(inner) }, operations.remove.is);
    await failsWith(code, store.remove(["a", "b"]));
  }
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

scenario("refusals say what to do", async ({ proxy, store }) => {
  const cases = [
    [403, "RequestTimeTooSkewed", "store_refused", /clock/],
    [400, "ExpiredToken", "store_refused", /new credentials/],
    [403, "InvalidAccessKeyId", "store_refused", /AWS_ACCESS_KEY_ID/],
    [403, "SignatureDoesNotMatch", "store_refused", /AWS_SECRET_ACCESS_KEY/],
    [401, "Unauthorized", "store_refused", /AWS_ACCESS_KEY_ID/],
    [404, "NoSuchBucket", "bucket_missing", /AWS_S3_BUCKET/],
    [301, "PermanentRedirect", "store_failed", /AWS_REGION/],
    [400, "AuthorizationHeaderMalformed", "store_failed", /AWS_REGION/],
    [507, "XMinioStorageFull", "store_failed", /space/],
    [400, "MetadataTooLarge", "metadata_too_large", /manifest/],
    [400, "RequestTimeout", "store_unavailable", /by itself/],
    [409, "OperationAborted", "store_unavailable", /by itself/],
    [403, "InvalidObjectState", "store_failed", /archive/],
  ] as const;
  for (const [status, providerCode, code, hint] of cases) {
    for (const name of ["put", "get", "openUpload"] as const) {
      proxy.arm({ kind: "answer", status, body: errorXml(providerCode) }, operations[name].is);
      const failure = await failsWith(code, operations[name].ask(store, "a"));
      ok(hint.test(failure.hint), `${providerCode}: ${failure.hint}`);
    }
  }
});

scenario("a 403 to HEAD, which has no body, is a refusal and never a missing object", async ({ proxy, store }) => {
  proxy.arm({ kind: "answer", status: 403 }, operations.head.is);
  ok(/s3:ListBucket/.test((await failsWith("store_refused", store.head("a"))).hint));
});

scenario("a bucket that does not exist is bucket_missing to every request, HEAD included", async ({ server }) => {
  const store = storeOn(server, { bucket: "no-such-bucket" });
  for (const { ask } of Object.values(operations)) await failsWith("bucket_missing", ask(store, "a"));
});

scenario("wrong credentials are refused, and no message holds them", async ({ server, proxy }) => {
  if (!server.capabilities.validates) return;
  const secret = "sample-wrong-secret-0123456789";
  const token = "sample-session-token-0123456789";
  const store = storeOn(server, { endpoint: proxy.url, secretAccessKey: secret, sessionToken: token });
  const body = errorXml(
    "SignatureDoesNotMatch",
    `Key ${server.settings.accessKeyId} with ${secret} and ${token} at https://example.com/?X-Amz-Signature=abcdef012345`,
  );
  for (const { ask, is } of Object.values(operations)) {
    for (const isAnswered of [false, true]) {
      if (isAnswered) proxy.arm({ kind: "answer", status: 403, body }, is);
      const failure = await rejected(ask(store, "a"));
      ok(["store_refused", "store_failed"].includes(failure.code), failure.message);
      const text = everythingIn(failure);
      for (const hidden of [secret, token, server.settings.accessKeyId, "abcdef012345"]) {
        ok(!text.includes(hidden), text);
      }
    }
  }
});

scenario("Retry-After is honoured", async ({ proxy, retrying, waitsMs }) => {
  proxy.arm({ kind: "answer", status: 503, headers: { "retry-after": "7" }, body: errorXml("SlowDown") });
  await retrying.put("a", small, plain);
  deepStrictEqual(waitsMs, [7000]);
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
  const store = storeOn(server, { endpoint: proxy.url, largestCopyBytes: 5 * mebibyte });
  const bytes = sampleBytes(12 * mebibyte + 1);
  const options = { contentType: "video/mp4", cacheControl: "max-age=1", metadata: { name: "grüße" } };
  await store.putStream("a +&", piecesOf(bytes, mebibyte), options);
  strictEqual((await store.copy("a +&", "b")).sizeBytes, bytes.byteLength);
  strictEqual(proxy.seen.filter((r) => r.headers.has("x-amz-copy-source-range")).length, 3);
  strictEqual(md5(await readAll(store, "b")), md5(bytes));
  const info = await store.head("b");
  deepStrictEqual([info.contentType, info.cacheControl, info.metadata], Object.values(options));
});

async function rejected(work: Promise<unknown>): Promise<LifeboatError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof LifeboatError) return error;
    throw error;
  }
  throw new Error("it should have failed");
}

/** Everything that a log line of this error could hold. */
function everythingIn(error: LifeboatError): string {
  const cause = error.cause instanceof StoreAnswer ? error.cause : undefined;
  return [Deno.inspect(error, { depth: 10 }), error.stack, error.message, error.hint, cause?.message, cause?.stack]
    .join("\n");
}

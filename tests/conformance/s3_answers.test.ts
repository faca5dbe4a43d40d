import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { LifeboatError } from "../../supabase/functions/_shared/engine/errors.ts";
import { StoreAnswer } from "../../supabase/functions/_shared/engine/store/store_answer.ts";
import { type ConnectionFault, errorXml } from "../support/faulty_proxy.ts";
import { storeOn } from "../support/s3_server.ts";
import { everyOperation, operations, plain, scenario, small } from "../support/s3_stage.ts";
import { failsWith } from "./object_store.ts";

// How the store classifies answers: errors of every shape, and answers that only look like a success.

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

scenario("an ETag that is not the MD5 of the bytes is object_corrupt", async ({ proxy, store }) => {
  const answer: ConnectionFault = { kind: "answer", status: 200, headers: { etag: `"${"0".repeat(32)}"` } };
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

scenario(
  "an upload that is gone is not complete because another's object lies at its key",
  async ({ proxy, store }) => {
    await store.put("a", small, plain);
    const upload = await store.openUpload("a", plain);
    const part = await upload.putPart(1, small);
    proxy.arm({ kind: "answer", status: 404, body: errorXml("NoSuchUpload") }, operations.complete.is);
    await failsWith("upload_missing", upload.complete([part]));
  },
);

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

scenario("a listing that goes on, but does not say where, is an error and not its end", async ({ proxy, store }) => {
  const listing = (inner: string) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult>${inner}</ListBucketResult>`;
  const more = "<IsTruncated>true</IsTruncated>";
  proxy.arm({ kind: "answer", status: 200, body: listing(more) }, operations.list.is);
  await failsWith("store_failed", operations.list.ask(store, "a"));
  // A listing that continues at the same place again would never end.
  const same = listing(`${more}<NextContinuationToken>here</NextContinuationToken>`);
  proxy.arm({ kind: "answer", status: 200, body: same }, operations.list.is, 2);
  await failsWith("store_failed", operations.list.ask(store, "a"));
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

import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { SECRET_KEY, StorageServer } from "./storage_server.ts";
import { hasCode } from "../../supabase/functions/_shared/engine/errors.ts";
import type { SourceBody } from "../../supabase/functions/_shared/engine/media/storage_source.ts";
import { asStream } from "../../supabase/functions/_shared/adapters/storage/body.ts";
import { createHttpStorageSource } from "../../supabase/functions/_shared/adapters/storage/http.ts";
import { objectAddress } from "../../supabase/functions/_shared/adapters/storage/url.ts";
import { storageFailure } from "../../supabase/functions/_shared/adapters/storage/failures.ts";
import { lasting } from "../support/lasting.ts";

const text = (body: SourceBody) => new Response(asStream(body)).text();

async function withServer(
  run: (server: StorageServer, source: ReturnType<typeof createHttpStorageSource>) => Promise<void>,
): Promise<void> {
  await using server = new StorageServer();
  server.put("b/one", new TextEncoder().encode("content"), "text/plain", "max-age=5");
  await run(server, createHttpStorageSource({ supabaseUrl: server.url, secretKey: SECRET_KEY, stallTimeoutMs: 200 }));
}

Deno.test("an object is opened with its bytes and what Storage says of it", () =>
  withServer(async (_server, source) => {
    const { body, ...told } = await source.open("b", "one");
    strictEqual(await text(body), "content");
    deepStrictEqual(told, {
      etag: "9a0364b9e99bb480dd25e1f0284c8555",
      sizeBytes: 7,
      offset: 0,
      contentType: "text/plain",
      cacheControl: "max-age=5",
    });
  }));

Deno.test("the rest of an object is asked for by its range; a server that knows none sends all of it", () =>
  withServer(async (server, source) => {
    const rest = await source.open("b", "one", { offset: 3 });
    deepStrictEqual([rest.offset, rest.sizeBytes, await text(rest.body)], [3, 7, "tent"]);
    server.ranges = false;
    const whole = await source.open("b", "one", { offset: 3 });
    deepStrictEqual([whole.offset, whole.sizeBytes, await text(whole.body)], [0, 7, "content"]);
  }));

Deno.test("a new key goes in apikey only, a legacy key in both headers", () =>
  withServer(async (server, source) => {
    await text((await source.open("b", "one")).body);
    const legacy = createHttpStorageSource({ supabaseUrl: server.url, secretKey: "eyJh.eyJy.c2ln" });
    await rejects(legacy.open("b", "one"), (error) => hasCode(error, "source_refused"));
    strictEqual(server.headers[0].get("apikey"), SECRET_KEY);
    strictEqual(server.headers[0].has("authorization"), false);
    strictEqual(server.headers[1].get("authorization"), "Bearer eyJh.eyJy.c2ln");
  }));

Deno.test("silence before or within the answer is unavailable, and so are a cut and a broken connection", () =>
  withServer(async (server, source) => {
    const silence = Promise.withResolvers<void>();
    server.onRequest = () => silence.promise;
    await rejects(source.open("b", "one"), (error) => hasCode(error, "source_unavailable"));
    silence.resolve();
    server.onRequest = undefined;
    for (const kind of ["stall", "cut"] as const) {
      server.misbehave("b/one", { kind, afterBytes: 3 });
      const { body } = await source.open("b", "one");
      await rejects(text(body), (error) => hasCode(error, "source_unavailable"), kind);
    }
    const away = createHttpStorageSource({ supabaseUrl: "http://127.0.0.1:9", secretKey: SECRET_KEY });
    await rejects(away.open("b", "one"), (error) => hasCode(error, "source_unavailable"));
  }));

Deno.test("a slow reader is no silent server", () =>
  withServer(async (_server, source) => {
    const { body } = await source.open("b", "one");
    await lasting(400);
    strictEqual(await text(body), "content");
  }));

Deno.test("an aborted signal ends the request with its reason, before and within the body", () =>
  withServer(async (server, source) => {
    const reason = new Error("enough");
    await rejects(source.open("b", "one", undefined, AbortSignal.abort(reason)), (error) => error === reason);
    server.misbehave("b/one", { kind: "stall", afterBytes: 3 });
    const stop = new AbortController();
    const { body } = await source.open("b", "one", undefined, stop.signal);
    const read = rejects(text(body), (error) => error === reason);
    stop.abort(reason);
    await read;
  }));

Deno.test("past the cache means a query that no cache has seen", () =>
  withServer(async (server, source) => {
    server.misbehave("b/one", { kind: "cached", bytes: new TextEncoder().encode("stale") });
    strictEqual(await text((await source.open("b", "one")).body), "stale");
    strictEqual(await text((await source.open("b", "one", { pastCache: true })).body), "content");
  }));

Deno.test("check tells a working key from a refused one, and from one that sees nothing", () =>
  withServer(async (server, source) => {
    await source.check();
    const wrong = createHttpStorageSource({ supabaseUrl: server.url, secretKey: "sb_secret_wrong" });
    await rejects(wrong.check(), (error) => hasCode(error, "source_refused"));
    server.bucketsShown = "[]";
    await rejects(source.check(), (error) => hasCode(error, "source_refused"));
    server.outage = 503;
    await rejects(source.check(), (error) => hasCode(error, "source_unavailable"));
  }));

Deno.test("addresses hold every name exactly, and names that cannot be held are refused", () => {
  const base = "http://127.0.0.1/storage/v1";
  for (
    const path of [
      "a b",
      "a+b",
      "a&b",
      `"'`,
      "100%",
      "%2e%2e/x",
      "a#b?c",
      "🚣/日本",
      "a//b",
      "\\",
      "..a/.b",
      "/x",
      "x/",
    ]
  ) {
    const address = objectAddress(base, "b", path);
    const sent = new URL(address).pathname.slice("/storage/v1/object/b/".length);
    strictEqual(sent.split("/").map(decodeURIComponent).join("/"), path);
  }
  strictEqual(objectAddress(base, "public", "x"), `${base}/object/authenticated/public/x`);
  for (const path of ["..", ".", "a/../b", "./a", "a/.", "a/.."]) {
    throws(() => objectAddress(base, "b", path), (error) => hasCode(error, "source_path_unreachable"), path);
  }
});

Deno.test("answers are classified by what Storage says and not by the status alone", () => {
  const code = (status: number, body: string) => storageFailure(status, body, "storage.open", "b/one").code;
  strictEqual(
    code(400, '{"statusCode":"404","error":"not_found","message":"Object not found"}'),
    "source_object_missing",
  );
  strictEqual(
    code(404, '{"statusCode":"404","error":"not_found","message":"Object not found"}'),
    "source_object_missing",
  );
  strictEqual(code(400, '{"code":"NoSuchKey","message":"The resource was not found"}'), "source_object_missing");
  strictEqual(code(404, "<html>no such route</html>"), "source_failed");
  strictEqual(code(400, '{"statusCode":"403","error":"Unauthorized","message":"jwt expired"}'), "source_refused");
  strictEqual(code(401, ""), "source_refused");
  for (const status of [408, 429, 500, 502, 503, 504, 544]) strictEqual(code(status, ""), "source_unavailable");
  strictEqual(code(400, '{"statusCode":"500","message":"Internal"}'), "source_unavailable");
  strictEqual(code(302, ""), "source_failed");
  ok(!storageFailure(500, `{"message":"${"x".repeat(5_000)}"}`, "o", "s").message.includes("x".repeat(400)));
});

import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { corsHeaders } from "@supabase/supabase-js/cors";
import { databaseBackupRequest, errorBody } from "../contract/mod.ts";
import { LifeboatError } from "../engine/errors.ts";
import { type Access, createHandler, type Endpoint } from "./handler.ts";

const open: Access = {
  allowedOrigins: "*",
  redact: (text) => text.replaceAll("top-secret", "[secret]"),
  authenticate: () => Promise.resolve({ kind: "service" }),
};

interface Served {
  readonly url: string;
  readonly logged: string[];
}

async function serving(
  changes: Partial<Endpoint<unknown>>,
  test: (served: Served) => Promise<void>,
): Promise<void> {
  const logged: string[] = [];
  const handler = createHandler<unknown>({
    methods: ["POST"],
    body: databaseBackupRequest,
    access: () => open,
    handle: ({ body, caller }) => Promise.resolve(Response.json({ body, caller })),
    log: (line) => logged.push(line),
    ...changes,
  });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, handler);
  try {
    await test({ url: `http://127.0.0.1:${server.addr.port}/`, logged });
  } finally {
    await server.shutdown();
  }
}

async function expectError(response: Response, status: number, code: string) {
  strictEqual(response.status, status);
  strictEqual(response.headers.get("cache-control"), "no-store");
  strictEqual(response.headers.get("content-type"), "application/json");
  ok(response.headers.has("access-control-allow-origin"));
  const body = errorBody.parse(await response.json());
  strictEqual(body.code, code);
  return body;
}

const post = (url: string, body?: BodyInit, headers?: HeadersInit) => fetch(url, { method: "POST", body, headers });

Deno.test("a call reaches the function with its parsed body and its caller", () =>
  serving({}, async ({ url }) => {
    const response = await post(url, '{"label":" before migration ","wait":true}');
    strictEqual(response.headers.get("cache-control"), "no-store");
    deepStrictEqual(await response.json(), {
      body: { label: "before migration", wait: true },
      caller: { kind: "service" },
    });
  }));

Deno.test("an empty body means all defaults, and the content type does not matter", () =>
  serving({}, async ({ url }) => {
    for (const body of [undefined, "", "  \n", "{}", "\ufeff{}"]) {
      const response = await post(url, body, { "content-type": "application/x-www-form-urlencoded" });
      deepStrictEqual((await response.json()).body, {});
    }
  }));

Deno.test("every problem of a body is listed", () =>
  serving({}, async ({ url }) => {
    const response = await post(url, '{"trigger":"moon","label":"","pinned":1,"extra":true}');
    const { message } = await expectError(response, 400, "bad_request");
    for (const field of ["trigger", "label", "pinned", "extra"]) match(message, new RegExp(field));
  }));

for (
  const [what, body] of [
    ["text that is not JSON", "pinned=true"],
    ["a body that is cut off", '{"label":"a'],
    ["null", "null"],
    ["a list", "[]"],
    ["bytes that are not UTF-8", new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])],
    ["a UTF-8 sequence that is cut off", new Uint8Array([0x7b, 0x7d, 0xe2, 0x82])],
    ["deep nesting", "[".repeat(60_000)],
    ["a prototype", '{"__proto__":{"wait":true}}'],
    ["a long unknown field", JSON.stringify({ ["x".repeat(60_000)]: 1 })],
  ] as [string, BodyInit][]
) {
  Deno.test(`${what} is answered with bad_request`, () =>
    serving({}, async ({ url }) => {
      const { message } = await expectError(await post(url, body), 400, "bad_request");
      ok(message.length < 1_000);
    }));
}

Deno.test("a body of 64 KiB is read, and a larger one is refused, also without a length", () =>
  serving({}, async ({ url }) => {
    deepStrictEqual((await (await post(url, "{}".padEnd(65_536))).json()).body, {});
    await expectError(await post(url, "{}".padEnd(65_537)), 413, "body_too_large");
    const blocks = Array(64).fill(new TextEncoder().encode(" ".repeat(8_192)));
    await expectError(await post(url, ReadableStream.from(blocks)), 413, "body_too_large");
  }));

Deno.test("other methods are answered with 405 and the ones that are allowed, before anybody is authenticated", () =>
  serving({
    access: () => ({ ...open, authenticate: () => Promise.reject(new Error("must not be asked")) }),
  }, async ({ url }) => {
    for (const method of ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
      const response = await fetch(url, { method });
      strictEqual(response.headers.get("allow"), "POST, OPTIONS");
      await expectError(response, 405, "method_not_allowed");
    }
    const head = await fetch(url, { method: "HEAD" });
    strictEqual(head.status, 405);
  }));

const preflight = (url: string, origin: string) =>
  fetch(url, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });

Deno.test("a preflight is answered without authentication and allows what supabase-js sends", () =>
  serving(
    { access: () => ({ ...open, authenticate: () => Promise.reject(new Error("must not be asked")) }) },
    async ({ url }) => {
      const response = await preflight(url, "https://admin.example.com");
      strictEqual(response.status, 204);
      strictEqual(response.headers.get("access-control-allow-origin"), "*");
      strictEqual(response.headers.get("access-control-allow-methods"), "POST");
      strictEqual(response.headers.get("access-control-allow-credentials"), null);
      const allowed = response.headers.get("access-control-allow-headers")!.split(", ");
      for (const header of corsHeaders["Access-Control-Allow-Headers"].split(", ")) {
        ok(allowed.includes(header), header);
      }
    },
  ));

Deno.test("with a list of origins only those are allowed, and caches are told", () =>
  serving({ access: () => ({ ...open, allowedOrigins: ["https://admin.example.com"] }) }, async ({ url }) => {
    const allowed = await preflight(url, "https://admin.example.com");
    strictEqual(allowed.headers.get("access-control-allow-origin"), "https://admin.example.com");
    for (const origin of ["https://evil.example.com", "https://admin.example.com.evil.example.com", "null"]) {
      const foreign = await preflight(url, origin);
      strictEqual(foreign.headers.get("access-control-allow-origin"), null);
      strictEqual(foreign.headers.get("vary"), "origin");
    }
    const answer = await post(url, "{}", { origin: "https://admin.example.com" });
    strictEqual(answer.headers.get("access-control-allow-origin"), "https://admin.example.com");
    strictEqual((await answer.json()).caller.kind, "service");
  }));

for (
  const [kind, code, status] of [
    ["missing", "object_missing", 404],
    ["conflict", "already_running", 409],
    ["refused", "store_refused", 503],
    ["refused", "not_authenticated", 401],
    ["refused", "invalid_token", 401],
    ["refused", "not_admin", 403],
    ["transient", "database_unreachable", 503],
    ["permanent", "configuration_invalid", 500],
  ] as const
) {
  Deno.test(`${code} (${kind}) is answered with ${status}`, () =>
    serving({
      handle: () =>
        Promise.reject(new LifeboatError({ code, kind, message: "It failed for top-secret.", hint: "Do this." })),
    }, async ({ url, logged }) => {
      const body = await expectError(await post(url), status, code);
      deepStrictEqual(body, { code, message: "It failed for [secret].", hint: "Do this." });
      strictEqual(logged.length, status >= 500 ? 1 : 0);
    }));
}

Deno.test("the id of the run that is already at work is given", () =>
  serving({
    handle: () => {
      const subject = "0b7e4f2c-8a51-4d0e-9c8f-2f6a1f0f6b11";
      throw new LifeboatError({ code: "already_running", kind: "conflict", message: "Busy.", hint: "Wait.", subject });
    },
  }, async ({ url }) => {
    const { runId } = await expectError(await post(url), 409, "already_running");
    strictEqual(runId, "0b7e4f2c-8a51-4d0e-9c8f-2f6a1f0f6b11");
  }));

for (
  const thrown of [new TypeError("cannot read top-secret of undefined"), "a text", undefined, { code: "bad_request" }]
) {
  Deno.test(`a defect (${Deno.inspect(thrown).split("\n")[0]}) is answered without its text and told to the log`, () =>
    serving({ handle: () => Promise.reject(thrown) }, async ({ url, logged }) => {
      const response = await post(url);
      const { message } = await expectError(response, 500, "internal_error");
      strictEqual(message, "Something failed that Lifeboat did not expect.");
      strictEqual(logged.length, 1);
      doesNotMatch(logged[0], /top-secret/);
      if (thrown instanceof Error) match(logged[0], /cannot read \[secret\] of undefined[^]*handler\.test\.ts/);
    }));
}

Deno.test("a wrong configuration is an answer, not a function that does not start", () =>
  serving({
    access: () => {
      throw new LifeboatError({
        code: "configuration_invalid",
        kind: "permanent",
        message: "AWS_S3_BUCKET is missing.",
        hint: "Set it.",
      });
    },
  }, async ({ url }) => {
    const { message } = await expectError(await post(url), 500, "configuration_invalid");
    match(message, /AWS_S3_BUCKET/);
  }));

Deno.test("an answer whose headers cannot be changed is passed on all the same", () =>
  serving({ handle: () => Promise.resolve(Response.redirect("https://example.com/", 303)) }, async ({ url }) => {
    const response = await fetch(url, { method: "POST", redirect: "manual" });
    await response.body?.cancel();
    strictEqual(response.status, 303);
    strictEqual(response.headers.get("location"), "https://example.com/");
    strictEqual(response.headers.get("cache-control"), "no-store");
  }));

Deno.test("a refused caller learns nothing about the body it should have sent", () =>
  serving({
    access: () => ({
      ...open,
      authenticate: () =>
        Promise.reject(new LifeboatError({ code: "not_authenticated", kind: "refused", message: "No.", hint: "No." })),
    }),
  }, async ({ url }) => {
    await expectError(await post(url, "not json"), 401, "not_authenticated");
  }));

import { deepStrictEqual, doesNotMatch, rejects, strictEqual } from "node:assert/strict";
import { hasCode } from "../../engine/errors.ts";
import { createSupabaseAuth, type SupabaseAuth } from "./auth.ts";

const SECRET_KEYS = ["sb_secret_sample_0123456789", "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2FtcGxl"];
const TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzYW1wbGUifQ.c2FtcGxl";
const user = { id: "5f0c7b1e-3f2a-4c55-9d5e-0d3c5a0b7f11", email: "admin@example.com", aud: "authenticated" };

/** A server that answers every `GET /auth/v1/user` with one answer, as GoTrue would. */
async function authApi(
  answer: (request: Request) => Response | Promise<Response>,
  test: (auth: SupabaseAuth) => Promise<void>,
) {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, answer);
  try {
    await test(authAt(`http://127.0.0.1:${server.addr.port}`));
  } finally {
    await server.shutdown();
  }
}

function authAt(supabaseUrl: string): SupabaseAuth {
  const publicKey = "sb_publishable_0123456789";
  return createSupabaseAuth({
    supabaseUrl,
    publicKey,
    secretKeys: SECRET_KEYS,
    legacyServiceRoleKey: SECRET_KEYS[1],
    timeoutMs: 300,
  });
}

Deno.test("a valid token gives its user, asked with the project's public key", () =>
  authApi((request) => {
    strictEqual(new URL(request.url).pathname, "/auth/v1/user");
    strictEqual(request.headers.get("apikey"), "sb_publishable_0123456789");
    strictEqual(request.headers.get("authorization"), `Bearer ${TOKEN}`);
    return Response.json(user);
  }, async (auth) => {
    deepStrictEqual(await auth.userOf(TOKEN), { id: user.id, email: user.email });
  }));

for (
  const [status, body, code] of [
    [403, { code: 403, error_code: "bad_jwt", msg: "invalid JWT: token is expired" }, "invalid_token"],
    [
      403,
      { code: 403, error_code: "user_not_found", msg: "User from sub claim in JWT does not exist" },
      "invalid_token",
    ],
    [403, { code: 403, error_code: "session_not_found", msg: "Session does not exist" }, "invalid_token"],
    [401, { code: 401, msg: "invalid claim: missing sub claim" }, "invalid_token"],
    [401, { message: "Invalid API key", hint: "Double check your Supabase API key." }, "auth_unavailable"],
    [404, { error: "requested path is invalid" }, "auth_unavailable"],
    [429, { code: 429, error_code: "over_request_rate_limit", msg: "Request rate limit reached" }, "auth_unavailable"],
    [500, { code: 500, error_code: "unexpected_failure", msg: "Database error" }, "auth_unavailable"],
    [503, { message: "name resolution failed" }, "auth_unavailable"],
    [200, {}, "auth_unavailable"],
    [200, { ...user, banned_until: "2999-01-01T00:00:00Z" }, "invalid_token"],
  ] as const
) {
  Deno.test(`${status} ${JSON.stringify(body).slice(0, 60)} from the Auth API means ${code}`, () =>
    authApi(() => Response.json(body, { status }), async (auth) => {
      await rejects(auth.userOf(TOKEN), (error) => hasCode(error, code));
    }));
}

Deno.test("a ban that is over is none", () =>
  authApi(() => Response.json({ ...user, banned_until: "2020-01-01T00:00:00Z" }), async (auth) => {
    strictEqual((await auth.userOf(TOKEN)).id, user.id);
  }));

Deno.test("an answer that is not JSON is no verdict about the token", () =>
  authApi(() => new Response("<html>Bad gateway</html>", { status: 502 }), async (auth) => {
    await rejects(auth.userOf(TOKEN), (error) => hasCode(error, "auth_unavailable"));
  }));

Deno.test("an Auth API that is silent is given up after the time-out", () => {
  const hold = Promise.withResolvers<Response>();
  return authApi(() => hold.promise, async (auth) => {
    await rejects(auth.userOf(TOKEN), (error) => hasCode(error, "auth_unavailable"));
    hold.resolve(new Response());
  });
});

Deno.test("an Auth API that nobody answers at is no verdict about the token", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  await rejects(authAt(`http://127.0.0.1:${port}`).userOf(TOKEN), (error) => hasCode(error, "auth_unavailable"));
});

Deno.test("what cannot be a token is not sent anywhere", async () => {
  const auth = authAt("http://127.0.0.1:9");
  for (const text of ["", "x", "a.b", "a.b.c.d", "a.b.c\r\nx", "ä.b.c", `${"a".repeat(9_000)}.b.c`]) {
    await rejects(auth.userOf(text), (error) => hasCode(error, "invalid_token"));
  }
});

Deno.test("every secret key is known, and nothing else", async () => {
  const auth = authAt("http://127.0.0.1:9");
  for (const key of SECRET_KEYS) strictEqual(await auth.isSecretKey(key), true);
  for (
    const key of [
      "",
      " ",
      "sb_publishable_0123456789",
      "sb_secret_sample_012345678",
      `${SECRET_KEYS[0]} `,
      "0",
      "undefined",
    ]
  ) {
    strictEqual(await auth.isSecretKey(key), false, key);
  }
});

Deno.test("only the legacy service role key may be a bearer token", async () => {
  const auth = authAt("http://127.0.0.1:9");
  strictEqual(await auth.isLegacyServiceRoleKey(SECRET_KEYS[1]), true);
  strictEqual(await auth.isLegacyServiceRoleKey(SECRET_KEYS[0]), false);
  const renamed = createSupabaseAuth({
    supabaseUrl: "http://127.0.0.1:9",
    publicKey: "sb_publishable_0123456789",
    secretKeys: SECRET_KEYS,
    legacyServiceRoleKey: SECRET_KEYS[0],
  });
  strictEqual(await renamed.isLegacyServiceRoleKey(SECRET_KEYS[0]), false);
});

Deno.test("errors hold neither the token nor a key", () =>
  authApi(() => Response.json({ msg: "no" }, { status: 500 }), async (auth) => {
    const error = await auth.userOf(TOKEN).then(() => "none", (thrown) => Deno.inspect(thrown, { depth: 10 }));
    for (const secret of [TOKEN, ...SECRET_KEYS]) strictEqual(error.includes(secret), false);
    doesNotMatch(error, /^none$/);
  }));

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { PUBLISHABLE_KEY, SECRET_KEY } from "../../local/keys.ts";
import { startPostgres } from "../../local/postgres.ts";
import { startSupabaseApi } from "../../local/supabase_api.ts";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { createSupabaseAuth } from "../../supabase/functions/_shared/adapters/supabase/auth.ts";
import { readAccessConfiguration } from "../../supabase/functions/_shared/config/mod.ts";
import { createAccess } from "../../supabase/functions/_shared/http/access.ts";
import { isAdmin } from "../../supabase/functions/_shared/http/admin_role.ts";
import { createHandler } from "../../supabase/functions/_shared/http/handler.ts";

/** Starts a function behind the real pipeline, with a real Auth API and a real database. */
function startFunction(environment: Record<string, string>) {
  const configuration = readAccessConfiguration(environment);
  const database = createPostgresDatabase({ url: configuration.databaseUrl.reveal() });
  const auth = createSupabaseAuth({
    supabaseUrl: configuration.supabaseUrl,
    publicKey: configuration.publicKey.reveal(),
    secretKeys: configuration.secretKeys.map((key) => key.reveal()),
  });
  const access = createAccess(configuration, { ...auth, isAdmin: (id, signal) => isAdmin(database, id, signal) });
  const handle = createHandler({
    methods: ["POST"],
    access: () => access,
    handle: ({ caller }) => Promise.resolve(Response.json(caller)),
    log: () => {},
  });
  return Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, handle);
}

async function signUp(client: SupabaseClient, email: string): Promise<{ id: string; token: string }> {
  const { data, error } = await client.auth.signUp({ email, password: "sample-password" });
  if (error) throw error;
  return { id: data.user!.id, token: data.session!.access_token };
}

Deno.test("callers are told apart by the project's own Auth API and database", async (test) => {
  const folder = await Deno.makeTempDir({ prefix: "lifeboat-authentication-" });
  // PostgreSQL runs as a user of its own where the tests run as root.
  await Deno.chmod(folder, 0o755);
  const postgres = await startPostgres({ dataDir: `${folder}/postgres`, settings: { fsync: "off" } });
  const api = await startSupabaseApi({
    databaseUrl: postgres.superuserUrl,
    port: 0,
    objectsDir: `${folder}/objects`,
    apiUrl: "http://127.0.0.1",
  });
  const apiUrl = `http://127.0.0.1:${api.port}`;
  const server = startFunction({
    SUPABASE_URL: apiUrl,
    SUPABASE_DB_URL: postgres.url,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: SECRET_KEY }),
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: PUBLISHABLE_KEY }),
  });
  const call = async (headers: Record<string, string>) => {
    const response = await fetch(`http://127.0.0.1:${server.addr.port}/`, { method: "POST", headers });
    return { status: response.status, body: await response.json() };
  };
  const options = { auth: { persistSession: false, autoRefreshToken: false } };
  const expectCode = async (headers: Record<string, string>, status: number, code: string) => {
    const answer = await call(headers);
    deepStrictEqual([answer.status, answer.body.code], [status, code]);
  };

  try {
    const client = createClient(apiUrl, PUBLISHABLE_KEY, options);
    const admin = await signUp(client, "admin@example.com");
    const other = await signUp(createClient(apiUrl, PUBLISHABLE_KEY, options), "other@example.com");

    await test.step("while has_role is missing nobody is called a stranger", async () => {
      await expectCode({ authorization: `Bearer ${admin.token}` }, 503, "admin_check_failed");
    });

    const session = await createPostgresDatabase({ url: postgres.superuserUrl }).connect({ applicationName: "test" });
    await session.query(`create function public.has_role(_user_id uuid, _role text) returns boolean language sql as
      $$ select _user_id = '${admin.id}' and _role = 'admin' $$`);
    await session.close();

    await test.step("the service, an admin, a user and nobody", async () => {
      deepStrictEqual(await call({ apikey: SECRET_KEY }), { status: 200, body: { kind: "service" } });
      deepStrictEqual(await call({ apikey: PUBLISHABLE_KEY, authorization: `Bearer ${admin.token}` }), {
        status: 200,
        body: { kind: "admin", userId: admin.id, email: "admin@example.com" },
      });
      await expectCode({ authorization: `Bearer ${other.token}` }, 403, "not_admin");
      await expectCode({ apikey: PUBLISHABLE_KEY }, 401, "not_authenticated");
      await expectCode({ authorization: `Bearer ${SECRET_KEY}` }, 401, "not_authenticated");
      await expectCode({}, 401, "not_authenticated");
    });

    await test.step("a token with a signature that is not the project's", async () => {
      const [header, payload] = admin.token.split(".");
      await expectCode({ authorization: `Bearer ${header}.${payload}.${"A".repeat(43)}` }, 401, "invalid_token");
    });

    await test.step("while the Auth API is down a token is not called invalid", async () => {
      await api.stop();
      await expectCode({ authorization: `Bearer ${admin.token}` }, 503, "auth_unavailable");
      strictEqual((await call({ apikey: SECRET_KEY })).status, 200);
    });
  } finally {
    await server.shutdown();
    await api.stop();
    await postgres.stop();
    await Deno.remove(folder, { recursive: true });
  }
});

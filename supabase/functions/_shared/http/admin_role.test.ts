import { rejects, strictEqual } from "node:assert/strict";
import { startPostgres } from "../../../../local/postgres.ts";
import { createPostgresDatabase } from "../adapters/postgres/database.ts";
import { hasCode, LifeboatError } from "../engine/errors.ts";
import { isAdmin } from "./admin_role.ts";

const admin = "5f0c7b1e-3f2a-4c55-9d5e-0d3c5a0b7f11";
const OTHER = "6f0c7b1e-3f2a-4c55-9d5e-0d3c5a0b7f11";

async function failsWithHint(work: Promise<boolean>, hint: RegExp): Promise<void> {
  await rejects(work, (error) => {
    strictEqual(
      hasCode(error, "admin_check_failed") && error.kind === "transient" && hint.test(error.hint),
      true,
      String(error),
    );
    return true;
  });
}

Deno.test("has_role is asked, whatever its types, and only its yes is a yes", async (test) => {
  const dataDir = await Deno.makeTempDir({ prefix: "lifeboat-admin-role-" });
  const postgres = await startPostgres({ dataDir, settings: { fsync: "off" } });
  try {
    const database = createPostgresDatabase({ url: postgres.url });
    const run = async (sql: string) => {
      const session = await createPostgresDatabase({ url: postgres.superuserUrl }).connect({ applicationName: "test" });
      await session.query(sql);
      await session.close();
    };

    await test.step("without the function the answer is not known", async () => {
      await failsWithHint(isAdmin(database, admin), /has_role is missing: apply/);
    });

    await test.step("a role that is text", async () => {
      await run(`create function public.has_role(who uuid, what text) returns boolean language sql as
        $$ select who = '${admin}' and what = 'admin' $$`);
      strictEqual(await isAdmin(database, admin), true);
      strictEqual(await isAdmin(database, OTHER), false);
    });

    await test.step("a role that is an enum, with other names, and null for no", async () => {
      await run(`drop function public.has_role(uuid, text);
        create type public.app_role as enum ('admin', 'user');
        create function public.has_role(_user_id uuid, _role public.app_role) returns boolean language sql as
        $$ select true where _user_id = '${admin}' and _role = 'admin' $$`);
      strictEqual(await isAdmin(database, admin), true);
      strictEqual(await isAdmin(database, OTHER), false);
    });

    await test.step("an enum without the role", async () => {
      await run("alter type public.app_role rename value 'admin' to 'owner'");
      await failsWithHint(isAdmin(database, admin), /does not exist in the type/);
    });

    await test.step("a user id that is none", async () => {
      await failsWithHint(isAdmin(database, "no-uuid"), /./);
    });

    await test.step("a function that fails", async () => {
      await run(`drop function public.has_role(uuid, public.app_role);
        create function public.has_role(uuid, text) returns boolean language plpgsql as
        $$ begin raise exception 'sample'; end $$`);
      await failsWithHint(isAdmin(database, admin), /did not answer|log/);
    });
  } finally {
    await postgres.stop();
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("a database that cannot be reached is no verdict about the user", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  const database = createPostgresDatabase({ url: `postgresql://postgres@127.0.0.1:${port}/postgres` });
  await failsWithHint(isAdmin(database, admin), /Try again/);
});

Deno.test("an answer that is aborted is no verdict about the user", async () => {
  const database = {
    connect: (_options: unknown, signal?: AbortSignal) =>
      new Promise<never>((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
  };
  const error = await isAdmin(database, admin, AbortSignal.timeout(10)).then(() => null, (thrown) => thrown);
  strictEqual(error instanceof LifeboatError && error.code, "admin_check_failed");
});

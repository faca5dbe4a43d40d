import { ok, rejects, throws } from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { applySql } from "../../local/apply_sql.ts";
import { fail } from "../../local/demo_failed.ts";
import { startReadyChild } from "../../local/ready_child.ts";
import { loadSample } from "../../local/sample/load_sample.ts";
import { startStack } from "../../local/stack.ts";
import { withClient } from "../../local/with_client.ts";
import { hasCode } from "../../supabase/functions/_shared/engine/errors.ts";
import { freshDatabase, SHARED_SERVERS, stopServersAtTheEnd } from "../support/postgres.ts";

Deno.test("a part of the stack that ends before it is ready is an error with its last words", async () => {
  const child = { name: "a part", command: "/bin/sh", args: ["-c", "echo no disk; exit 1"] };
  await rejects(startReadyChild(child), (error) => hasCode(error, "part_failed") && /no disk/.test(error.message));
});

Deno.test(
  "SQL that the database refuses is named with its line, and none of it is applied",
  SHARED_SERVERS,
  async () => {
    const { url } = await freshDatabase(18);
    const file = await Deno.makeTempFile({ suffix: ".sql" });
    try {
      await Deno.writeTextFile(file, "create table kept (id int);\nselect wrong from kept;");
      const apply = () => applySql(url, pathToFileURL(file));
      await rejects(apply, (error) => hasCode(error, "sql_failed") && /line 2: /.test(error.message));
      await Deno.writeTextFile(file, "create table kept (id int);");
      await apply();
    } finally {
      await Deno.remove(file);
    }
  },
);

Deno.test("a sample project that an API refuses is an error that says which request", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "lifeboat-stack-" });
  await Deno.chmod(dataDir, 0o755);
  const refusing = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => Response.json({ code: "signup_disabled", message: "No sign-ups." }, { status: 422 }),
  );
  try {
    const stack = await startStack({ portBase: null, dataDir, sample: false });
    try {
      // Lifeboat's migrations make them where the project has none.
      await withClient(
        stack.superuserUrl,
        (client) => client.query("drop table public.user_roles; drop type public.app_role cascade"),
      );
      const details = { ...stack.details, apiUrl: `http://127.0.0.1:${refusing.addr.port}` };
      const loading = loadSample({ details, superuserUrl: stack.superuserUrl });
      await rejects(loading, (error) => hasCode(error, "sample_failed") && /auth\.signUp/.test(error.message));
    } finally {
      await stack.stop();
    }
  } finally {
    await refusing.shutdown();
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("the demo ends with what went wrong", () => {
  throws(() => fail("The file differs."), (error) => {
    ok(hasCode(error, "demo_failed"));
    return error.message === "The file differs.";
  });
});

stopServersAtTheEnd();

import { ok, rejects, throws } from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { applySql } from "../../local/apply_sql.ts";
import { fail } from "../../local/demo_failed.ts";
import { startReadyChild } from "../../local/ready_child.ts";
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

Deno.test("the demo ends with what went wrong", () => {
  throws(() => fail("The file differs."), (error) => {
    ok(hasCode(error, "demo_failed"));
    return error.message === "The file differs.";
  });
});

stopServersAtTheEnd();

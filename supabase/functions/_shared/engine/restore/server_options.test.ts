import assert from "node:assert/strict";
import type { SchemaStatement } from "./dump_language.ts";
import { withoutServerOptions } from "./server_options.ts";

const columnSettings = (sql: string): SchemaStatement => ({
  section: "pre-data",
  kind: "column settings",
  identity: "public.t",
  sql,
});
const restored = (sql: string) => withoutServerOptions([columnSettings(sql)]).map((statement) => statement.sql);

Deno.test("a statement that only sets options of the server is left out", () => {
  assert.deepEqual(
    restored(
      `alter table only public.t alter column a set (pg_attver='1'), alter column "B ""x""" set (pg_attver='2');`,
    ),
    [],
  );
});

Deno.test("options of the owner stay, wherever the server's stand between them", () => {
  for (
    const mixed of [
      "n_distinct='5', pg_attver='1'",
      "pg_attver='1', n_distinct='5'",
      "pg_attver='1', n_distinct='5', pg_other='x'",
    ]
  ) {
    assert.deepEqual(restored(`alter table only public.t alter column a set (${mixed});`), [
      "alter table only public.t alter column a set (n_distinct='5');",
    ]);
  }
  assert.deepEqual(
    restored("alter table only public.t alter column a set statistics 5, alter column a set (pg_attver='1');"),
    ["alter table only public.t alter column a set statistics 5;"],
  );
  assert.deepEqual(
    restored("alter table only public.t alter column a set (pg_attver='1'), alter column b set storage main;"),
    ["alter table only public.t alter column b set storage main;"],
  );
});

Deno.test("a column that is named like an option keeps its statement", () => {
  const sql =
    `alter table only public.t alter column "pg_attver='1'" set storage main, alter column "a set (), " set statistics 5;`;
  assert.deepEqual(restored(sql), [sql]);
});

Deno.test("statements of other kinds are not touched", () => {
  const statement: SchemaStatement = {
    ...columnSettings("comment on table t is 'set (pg_attver=''1'')';"),
    kind: "comment",
  };
  assert.deepEqual(withoutServerOptions([statement]), [statement]);
});

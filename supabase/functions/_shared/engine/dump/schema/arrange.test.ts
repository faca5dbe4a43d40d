import assert from "node:assert/strict";
import { arrange } from "./arrange.ts";
import type { FamilyRow } from "./statement.ts";

const row = (kind: FamilyRow["kind"], identity: string, more: Partial<FamilyRow> = {}): FamilyRow => ({
  kind,
  identity,
  sql: `create ${kind} ${identity};`,
  ...more,
});

Deno.test("a view that needs a key moves behind the key, and a function that needs the view moves with it", () => {
  const rows = [row("function", "f"), row("table", "t"), row("view", "v"), row("constraint", "key")];
  const { statements, circles } = arrange(rows, [
    { statement: 0, after: 2 },
    { statement: 2, after: 1 },
    { statement: 2, after: 3 },
    { statement: 3, after: 1 },
  ]);
  assert.deepEqual(statements.map(({ section, row }) => [section, row.identity]), [
    ["pre-data", "t"],
    ["post-data", "key"],
    ["post-data", "v"],
    ["post-data", "f"],
  ]);
  assert.deepEqual(circles, []);
});

Deno.test("a circle is broken by a stand-in for the view", () => {
  const rows = [row("function", "f"), row("view", "v", { stub: "create view v as stub;" })];
  const { statements, circles } = arrange(rows, [{ statement: 0, after: 1 }, { statement: 1, after: 0 }]);
  assert.deepEqual(statements.map(({ sql }) => sql), [
    "create view v as stub;",
    "create function f;",
    "create or replace view v;",
  ]);
  assert.deepEqual(circles, []);
});

Deno.test("a circle without a view is reported", () => {
  const rows = [row("function", "f"), row("function", "g")];
  const { circles } = arrange(rows, [{ statement: 0, after: 1 }, { statement: 1, after: 0 }]);
  assert.deepEqual(circles, [rows]);
});

Deno.test("materialised views are filled in the order in which they are made", () => {
  const rows = [
    row("materialized view", "a", { address: "pg_class/1" }),
    row("materialized view", "b", { address: "pg_class/2" }),
    row("materialized view data", "a", { needs: "pg_class/1" }),
    row("materialized view data", "b", { needs: "pg_class/2" }),
  ];
  const { statements } = arrange(rows, [
    { statement: 0, after: 1 },
    { statement: 2, after: 0 },
    { statement: 3, after: 1 },
  ]);
  assert.deepEqual(statements.slice(2).map(({ row }) => row.identity), ["b", "a"]);
});

import { strictEqual } from "node:assert/strict";
import { withoutValues } from "./lock_conflict.ts";

const CASES: Readonly<Record<string, string>> = {
  "alter table a\n  add b text default 'hidden'": "alter table a add b text default '…'",
  "update a set b = 'it''s hidden', c = $1": "update a set b = '…', c = $1",
  "update a set b = E'it\\'s hidden', c = 2": "update a set b = '…', c = 2",
  "do $$ begin perform 'hidden' end $$": "do '…'",
  "select $body$hidden $$ hidden$body$ from a": "select '…' from a",
  "-- it's hidden\nselect 'hidden' /* it's 'hidden' */ from \"it's\"": "select '…' from \"it's\"",
  "insert into a values ('hidden, and cut off by Postg": "insert into a values ('…'",
  "do $$ hidden, and cut off": "do '…'",
};

Deno.test("what a statement holds is not told with it", () => {
  for (const [sql, told] of Object.entries(CASES)) strictEqual(withoutValues(sql), told);
});

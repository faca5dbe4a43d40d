import assert from "node:assert/strict";
import { guarded } from "./guard.ts";
import { quoteLiteral } from "../../format/sql_names.ts";

Deno.test("the quote of a guarded statement is one that it does not hold", () => {
  const sql = guarded("select cron.schedule('a', '* * * * *', '$lifeboat$ $lifeboat1$');", "true", "cron job a");
  assert.match(sql, /^do \$lifeboat2\$\n/);
  assert.match(sql, /\n\$lifeboat2\$;$/);
  assert.match(sql, /perform cron\.schedule/);
});

Deno.test("literals are quoted as Postgres quotes them", () => {
  assert.equal(quoteLiteral("it's"), "'it''s'");
  assert.equal(quoteLiteral("a\\b'"), "E'a\\\\b'''");
});

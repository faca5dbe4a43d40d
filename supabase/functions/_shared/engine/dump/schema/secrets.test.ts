import assert from "node:assert/strict";
import { withoutSecrets } from "./secrets.ts";

const token = (payload: unknown) =>
  `eyJhbGciOiJIUzI1NiJ9.${btoa(JSON.stringify(payload))}.c2lnbmF0dXJl`.replaceAll("=", "");

Deno.test("secret keys and tokens of roles above anon are taken out", () => {
  const sql = `select 'Bearer ${token({ role: "service_role" })}', 'sb_secret_abc-DEF_123';`;
  assert.equal(
    withoutSecrets(sql),
    "select 'Bearer <secret removed by Lifeboat>', '<secret removed by Lifeboat>';",
  );
});

Deno.test("publishable keys and what only looks like a token stay", () => {
  const sql = `select '${token({ role: "anon" })}', 'sb_publishable_abc', 'eyJ', 'the eyJ.word';`;
  assert.equal(withoutSecrets(sql), sql);
});

Deno.test("a token that cannot be read is not taken for a public one", () => {
  assert.equal(withoutSecrets("'eyJhbGci.eyJ_not_json.c2ln'"), "'<secret removed by Lifeboat>'");
});

import { ok, strictEqual } from "node:assert/strict";
import { safeText, storableJson } from "./safe_text.ts";

Deno.test("secrets are taken out of an error's text, wherever they stand in it", () => {
  const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
  const texts = [
    "connect postgres://postgres:pass-word@db.example.com:5432/postgres failed",
    "postgresql://postgres:p%40ss/word@h/db",
    "GET https://s3.example.com/k?X-Amz-Credential=AKIAABCDEFGHIJKLMNOP%2F1&X-Amz-Signature=0123456789abcdef failed",
    "key sb_secret_0123456789 refused",
    "re_0123456789abcdefgh is invalid",
    `Authorization: Bearer ${jwt}`,
    `token ${jwt} expired`,
  ];
  const secrets = /pass-word|p%40ss|0123456789|AKIA|eyJ/;
  for (const text of texts) ok(!secrets.test(safeText(text, 500)), safeText(text, 500));
  strictEqual(
    safeText("connect postgres://postgres:pass-word@db.example.com:5432/postgres failed", 500),
    "connect postgres://[removed]@db.example.com:5432/postgres failed",
  );
});

Deno.test("ordinary text is kept as it is", () => {
  for (
    const text of ["Größe 5 > 4 😀", "https://example.com/a?b=c", "column re_used does not exist", "a@example.com"]
  ) {
    strictEqual(safeText(text, 100), text);
  }
});

Deno.test("long text is cut, and no half character is left", () => {
  strictEqual(safeText("abcdef", 4), "abc…");
  strictEqual(safeText("ab😀cdef", 4), "ab\ufffd…");
});

Deno.test("JSON holds no character that jsonb refuses, in keys neither", () => {
  strictEqual(storableJson({ a: ["x\0", "\ud800"] }), '{"a":["x\ufffd","\ufffd"]}');
  strictEqual(storableJson({ "k\0": 1 }), '{"k\ufffd":1}');
});

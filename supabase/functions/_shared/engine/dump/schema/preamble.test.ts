import assert from "node:assert/strict";
import { RESTORE_PREAMBLE } from "./preamble.ts";

// Write preamble.sql first, then the other two from it.
Deno.test("the preamble is the same text as SQL, as a module and as a public file", async () => {
  const text = await Deno.readTextFile(new URL("preamble.sql", import.meta.url));
  const published = new URL("../../../../../../public/restore-preamble.sql", import.meta.url);
  assert.equal(RESTORE_PREAMBLE, text);
  assert.equal(await Deno.readTextFile(published), text);
});

import { rejects, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { resumableSha256 } from "./resumable_checksum.ts";

Deno.test("a SHA-256 that is stored after each piece and gone on with is that of the whole", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(10_007));
  let state: string | undefined;
  for (let offset = 0; offset < bytes.length; offset += 977) {
    const sum = await resumableSha256(state);
    sum.update(bytes.subarray(offset, offset + 977));
    state = sum.save();
  }
  strictEqual((await resumableSha256(state)).hex(), createHash("sha256").update(bytes).digest("hex"));
  strictEqual((await resumableSha256()).hex(), createHash("sha256").digest("hex"));
});

Deno.test("what is no state is refused", async () => {
  await rejects(resumableSha256(btoa("not a state")));
});

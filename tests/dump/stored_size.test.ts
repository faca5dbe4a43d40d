import { rejects } from "node:assert/strict";
import { assertStoredSize } from "../../supabase/functions/_shared/engine/dump/stored_size.ts";
import { hasCode } from "../../supabase/functions/_shared/engine/errors.ts";
import { startS3rver, storeOn } from "../support/s3_server.ts";

Deno.test("a dump of which the store has fewer bytes than were sent does not count", async () => {
  await using server = await startS3rver();
  const store = storeOn(server);
  await store.put("dump", new Uint8Array(10), { contentType: "application/gzip" });
  const { signal } = new AbortController();
  await assertStoredSize(store, "dump", 10, signal);
  await rejects(assertStoredSize(store, "dump", 11, signal), (error) => hasCode(error, "stored_size_mismatch"));
});

import { deepStrictEqual, rejects } from "node:assert/strict";
import { dryRunStore } from "./dry_run_store.ts";
import type { ObjectStore } from "./object_store.ts";

const options = { contentType: "text/plain" };
const info = { key: "there", sizeBytes: 7, etag: "e", lastModified: new Date(0), metadata: {} };

Deno.test("reads go through, and writes are recorded in order and not done", async () => {
  // Nothing but `head` exists: any write that went through would be a TypeError.
  const store = dryRunStore({ head: () => Promise.resolve(info) } as unknown as ObjectStore);
  deepStrictEqual(await store.head("there"), info);
  await store.put("a", new Uint8Array(3), options);
  async function* stream() {
    yield await Promise.resolve(new Uint8Array(4));
    yield new Uint8Array(5);
  }
  await store.putStream("b", stream(), options);
  const upload = await store.openUpload("c", options);
  await upload.complete([await upload.putPart(1, new Uint8Array(6)), await upload.putPart(2, new Uint8Array(1))]);
  await upload.abort();
  await store.copy("there", "d");
  await store.remove(["e", "f"]);
  deepStrictEqual(store.wouldWrite, [
    { kind: "put", key: "a", sizeBytes: 3 },
    { kind: "put", key: "b", sizeBytes: 9 },
    { kind: "put", key: "c", sizeBytes: 7 },
    { kind: "copy", key: "d", fromKey: "there", sizeBytes: 7 },
    { kind: "remove", key: "e" },
    { kind: "remove", key: "f" },
  ]);
});

Deno.test("a stream that fails fails in a dry run too", async () => {
  const failure = new Error("the sample stream broke");
  async function* broken() {
    yield await Promise.resolve(new Uint8Array(1));
    throw failure;
  }
  const store = dryRunStore({} as ObjectStore);
  await rejects(store.putStream("a", broken(), options), (error) => error === failure);
  deepStrictEqual(store.wouldWrite, []);
});

import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { nodeChecksums } from "../../supabase/functions/_shared/adapters/node/checksum.ts";
import { PartWriter } from "../../supabase/functions/_shared/engine/store/part_writer.ts";
import { assertStoredSize } from "../../supabase/functions/_shared/engine/dump/stored_size.ts";
import { hasCode, LifeboatError } from "../../supabase/functions/_shared/engine/errors.ts";
import { MARKER_KEY } from "../../supabase/functions/_shared/engine/format/keys.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { PartUpload } from "../../supabase/functions/_shared/engine/store/part_upload.ts";
import { claimOwnership } from "../../supabase/functions/_shared/engine/store/ownership.ts";
import { putOnce } from "../../supabase/functions/_shared/engine/store/put_once.ts";
import { readObject } from "../support/bucket_contents.ts";
import { storeOn } from "../support/s3_server.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";

const missing = await versitygwIsMissing();
const options = { contentType: "application/gzip" };
const text = (words: string) => new TextEncoder().encode(words);
const never = new AbortController().signal;
const isCode = (code: string) => (error: unknown) => hasCode(error, code);
const PART_BYTES = 5 * 1024 * 1024;

const proofs: Record<string, (store: ObjectStore) => Promise<void>> = {
  "an object of another size than was sent is no backup": async (store) => {
    await store.put("short", text("12345"), options);
    await assertStoredSize(store, "short", 5, never);
    await rejects(assertStoredSize(store, "short", 6, never), isCode("stored_size_mismatch"));
  },

  "what lies at a key counts as ours only with our bytes": async (store) => {
    await putOnce(store, nodeChecksums, "once", text("ours"), options);
    await putOnce(store, nodeChecksums, "once", text("ours"), options);
    await rejects(
      putOnce(store, nodeChecksums, "once", text("other"), options),
      isCode("store_precondition_failed"),
    );
    deepStrictEqual(await readObject(store, "once"), text("ours"));
  },

  "a stream in parts is not written over what lies at its key": async (store) => {
    await store.put("taken", text("another point's"), options);
    const writer = await written(store, "taken", PART_BYTES + 10);
    await rejects(writer.finish(() => Promise.resolve()), isCode("store_precondition_failed"));
    await writer.abort();
    deepStrictEqual(await readObject(store, "taken"), text("another point's"));
  },

  "a stream in parts ends with its last byte": async (store) => {
    const writer = await written(store, "whole", PART_BYTES);
    await writer.write(text("the end"));
    strictEqual((await writer.finish(() => Promise.resolve())).sizeBytes, PART_BYTES + 7);
    deepStrictEqual((await readObject(store, "whole")).subarray(PART_BYTES), text("the end"));
  },

  "a stream is visible only if the run is confirmed to be ours": async (store) => {
    for (const bytes of [10, PART_BYTES + 10]) {
      const writer = await written(store, `unconfirmed-${bytes}`, bytes);
      await rejects(writer.finish(() => Promise.reject(new Error("taken over"))), /taken over/);
      await writer.abort();
      await rejects(store.head(`unconfirmed-${bytes}`), isCode("object_missing"));
    }
  },

  "a bucket is one project's, by name and address": async (store) => {
    const owner = { project: "sample", projectUrl: "https://sample.example.com" };
    await claimOwnership(store, owner, new Date());
    await claimOwnership(store, owner, new Date());
    for (const other of [{ ...owner, project: "other" }, { ...owner, projectUrl: "https://clone.example.com" }]) {
      await rejects(claimOwnership(store, other, new Date()), isCode("owned_by_another_project"));
    }
    await store.remove([MARKER_KEY]);
  },

  "of two projects that claim a bucket at once one is told that it is the other's": async (store) => {
    const one = { project: "one", projectUrl: "https://one.example.com" };
    const other = { project: "other", projectUrl: "https://other.example.com" };
    const overtaken: ObjectStore = {
      ...store,
      async put(key, body, options, signal) {
        await claimOwnership(store, other, new Date());
        return await store.put(key, body, options, signal);
      },
    };
    await rejects(claimOwnership(overtaken, one, new Date()), isCode("owned_by_another_project"));
    await store.remove([MARKER_KEY]);
  },
};

for (const [kind, isKept] of [["conflict", false], ["permanent", false], ["transient", true]] as const) {
  const what = isKept ? "is left, since it may have been noted" : "is given back";
  proofs[`an upload whose id could not be noted (${kind}) ${what}`] = async (store) => {
    let id = "";
    const failure = new LifeboatError({ code: "sample_failure", kind, message: "Not noted.", hint: "None." });
    const note = (uploadId: string) => {
      id = uploadId;
      return Promise.reject(failure);
    };
    await rejects(PartUpload.begin(store, "noted", options, note), (error) => error === failure);
    const sent = (await PartUpload.resume(store, "noted", options, id, 0)).send(new Uint8Array(1));
    await (isKept ? sent : rejects(sent, isCode("upload_missing")));
  };
}

async function written(store: ObjectStore, key: string, bytes: number): Promise<PartWriter> {
  const settings = { key, partSizeBytes: PART_BYTES, options, note: () => Promise.resolve() };
  const sha256 = await nodeChecksums.resumableSha256();
  const writer = new PartWriter(store, nodeChecksums, sha256, settings, never);
  await writer.write(new Uint8Array(bytes));
  return writer;
}

Deno.test({
  name: `what is stored is proved, and nothing is written over${missing ? `: ${missing}` : ""}`,
  ignore: missing !== undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(test) {
    await using server = await startVersitygw();
    const store = storeOn(server);
    for (const [name, proof] of Object.entries(proofs)) await test.step(name, () => proof(store));
  },
});

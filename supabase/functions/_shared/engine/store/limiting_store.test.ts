import { ok, strictEqual } from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { limitingStore } from "./limiting_store.ts";
import type { ObjectStore, StoredObject } from "./object_store.ts";

const options = { contentType: "text/plain" };
const limits = { requests: 3, bytes: 100, streamBytes: 60, sizedStreamBytes: 30 };

/** A store that takes its time and notes how much was under way at once. */
function slowStore() {
  let requests = 0;
  let bytes = 0;
  const most = { requests: 0, bytes: 0 };
  const store = {
    async put(key: string, body: Uint8Array): Promise<StoredObject> {
      most.requests = Math.max(most.requests, ++requests);
      most.bytes = Math.max(most.bytes, bytes += body.byteLength);
      for (let turns = Math.random() * 4; turns > 0; turns--) await setImmediate();
      requests--;
      bytes -= body.byteLength;
      return { key, etag: "e", sizeBytes: body.byteLength };
    },
    get() {
      most.requests = Math.max(most.requests, ++requests);
      const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
        pull(controller) {
          controller.enqueue(new Uint8Array(1));
          controller.close();
          requests--;
        },
        cancel() {
          requests--;
        },
      }, { highWaterMark: 0 });
      const info = { key: "a", sizeBytes: 1, etag: "e", lastModified: new Date(0), metadata: {} };
      return Promise.resolve({ info, body });
    },
    head: () => Promise.reject(new Error("the sample request failed")),
  };
  return { store: store as unknown as ObjectStore, most };
}

Deno.test("neither requests nor bytes pass their limits, and everything gets its turn", async () => {
  const { store, most } = slowStore();
  const limited = limitingStore(store, limits);
  const sizes = Array.from({ length: 60 }, (_, index) => index % 7 === 0 ? 90 : 10);
  await Promise.all(sizes.map((size, index) => limited.put(`k${index}`, new Uint8Array(size), options)));
  strictEqual(most.requests, 3);
  ok(most.bytes <= 100 && most.bytes >= 90, String(most.bytes));
});

Deno.test("an open body counts until it was read or cancelled", async () => {
  const { store, most } = slowStore();
  const limited = limitingStore(store, { ...limits, requests: 2 });
  const read = async () => await new Response((await limited.get("a")).body).arrayBuffer();
  const cancel = async () => await (await limited.get("a")).body.cancel();
  await Promise.all([read(), cancel(), read(), cancel(), read()]);
  ok(most.requests <= 2);
});

Deno.test("a failed request gives its place back", async () => {
  const { store } = slowStore();
  const limited = limitingStore(store, { ...limits, requests: 1 });
  for (let times = 0; times < 3; times++) await limited.head("a").catch(() => {});
  await limited.put("a", new Uint8Array(1), options);
});

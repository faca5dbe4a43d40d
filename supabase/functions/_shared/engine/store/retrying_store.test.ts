import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { LifeboatError } from "../errors.ts";
import type { ListedObject, ObjectStore, StoredObject } from "./object_store.ts";
import { retryingStore, type RetryPolicy } from "./retrying_store.ts";
import { StoreAnswer } from "./store_answer.ts";

// What is tested here is when a request is repeated. That repeating works against a real server is tested in
// tests/conformance/s3_faults.test.ts.

const stored: StoredObject = { key: "a", etag: "e", sizeBytes: 1 };
const options = { contentType: "text/plain" };

function failure(kind: "transient" | "permanent", retryAfterMs?: number): LifeboatError {
  const cause = new StoreAnswer("sample", { retryAfterMs });
  return new LifeboatError({ code: `sample_${kind}`, kind, message: "It failed.", hint: "None.", cause });
}

/** A store whose one method fails as often as told; the others are not there to be called. */
function stage(methods: Partial<ObjectStore>, policy: RetryPolicy = {}) {
  const waitsMs: number[] = [];
  let nowMs = 0;
  const clock = {
    now: () => new Date(nowMs),
    sleep(ms: number, signal?: AbortSignal) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      nowMs += ms;
      waitsMs.push(ms);
      return Promise.resolve();
    },
  };
  return { waitsMs, store: retryingStore(methods as ObjectStore, clock, () => 0.5, policy) };
}

function failing<Result>(times: number, error: Error, result: Result) {
  let calls = 0;
  const work = (): Promise<Result> => calls++ < times ? Promise.reject(error) : Promise.resolve(result);
  return { work, calls: () => calls };
}

Deno.test("waits double up to the longest, are drawn at random, and end with the tries", async () => {
  const error = failure("transient");
  const { work, calls } = failing(99, error, stored);
  const { store, waitsMs } = stage({ put: work }, { tries: 7, firstDelayMs: 100, longestDelayMs: 1000 });
  await rejects(store.put("a", new Uint8Array(1), options), (thrown) => thrown === error);
  strictEqual(calls(), 7);
  deepStrictEqual(waitsMs, [50, 100, 200, 400, 500, 500]);
});

Deno.test("what is not transient is not repeated, nor what is no LifeboatError", async () => {
  for (const error of [failure("permanent"), new Error("a defect")]) {
    const { work, calls } = failing(1, error, stored);
    await rejects(stage({ put: work }).store.put("a", new Uint8Array(1), options), (thrown) => thrown === error);
    strictEqual(calls(), 1);
  }
});

Deno.test("no try begins after the total time", async () => {
  const { work, calls } = failing(99, failure("transient"), stored);
  const { store } = stage({ put: work }, { tries: 99, firstDelayMs: 1000, longestDelayMs: 1000, totalMs: 2600 });
  await rejects(store.put("a", new Uint8Array(1), options));
  strictEqual(calls(), 6);
});

Deno.test("the store's own Retry-After is kept to, and given up when it is too long", async () => {
  const once = failing(1, failure("transient", 5000), stored);
  const patient = stage({ put: once.work });
  await patient.store.put("a", new Uint8Array(1), options);
  deepStrictEqual(patient.waitsMs, [5000]);
  const forever = failing(1, failure("transient", 500_000), stored);
  await rejects(stage({ put: forever.work }).store.put("a", new Uint8Array(1), options));
  strictEqual(forever.calls(), 1);
});

Deno.test("a signal ends the waiting with its reason", async () => {
  const stop = new AbortController();
  const reason = new Error("called off");
  const { store } = stage({
    put() {
      stop.abort(reason);
      return Promise.reject(failure("transient"));
    },
  });
  await rejects(store.put("a", new Uint8Array(1), options, stop.signal), (thrown) => thrown === reason);
});

Deno.test("a stream is repeated while it is untouched, and never afterwards", async () => {
  async function* body() {
    yield await Promise.resolve(new Uint8Array(1));
  }
  const untouched = failing(2, failure("transient"), stored);
  await stage({ putStream: untouched.work }).store.putStream("a", body(), options);
  strictEqual(untouched.calls(), 3);

  let calls = 0;
  const { store } = stage({
    async putStream(_key, stream) {
      calls++;
      for await (const _ of stream);
      throw failure("transient");
    },
  });
  await rejects(store.putStream("a", body(), options));
  strictEqual(calls, 1);
});

Deno.test("a listing goes on after failed pages, gives everything once and keeps the order", async () => {
  const keys = ["a", "b", "\uff5e", "😀"];
  const listed = keys.map((key): ListedObject => ({ key, sizeBytes: 1, etag: "e", lastModified: new Date(0) }));
  // Four failures at two places each: more than the tries in all, fewer than the tries at one place.
  const failuresAt = [0, 4, 0, 4];
  const { store } = stage({
    async *list() {
      for (const [index, object] of listed.entries()) {
        if (failuresAt[index]-- > 0) throw failure("transient");
        yield await Promise.resolve(object);
      }
    },
  }, { tries: 5 });
  const seen: string[] = [];
  for await (const object of store.list("")) seen.push(object.key);
  deepStrictEqual(seen, keys);
});

Deno.test("a listing that goes on failing throws, and what was given stays given", async () => {
  const { store } = stage({
    async *list() {
      yield await Promise.resolve({ key: "a", sizeBytes: 1, etag: "e", lastModified: new Date(0) });
      throw failure("transient");
    },
  });
  const seen: string[] = [];
  await rejects(async () => {
    for await (const object of store.list("")) seen.push(object.key);
  }, { code: "sample_transient" });
  deepStrictEqual(seen, ["a"]);
});

import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { backgroundSettled, runInBackground, waitAtMost } from "./background.ts";

Deno.test("work goes on in the background until it has settled", async () => {
  const work = Promise.withResolvers<void>();
  let done = false;
  runInBackground(work.promise.then(() => done = true), () => {});
  strictEqual(done, false);
  work.resolve();
  await backgroundSettled();
  strictEqual(done, true);
});

Deno.test("a failure in the background is told and ends nothing else", async () => {
  const failures: unknown[] = [];
  const failure = new Error("sample");
  runInBackground(Promise.reject(failure), (error) => failures.push(error));
  await backgroundSettled();
  deepStrictEqual(failures, [failure]);
});

Deno.test("the runtime's waitUntil is given a promise that settles with the work and never rejects", async () => {
  const given: Promise<unknown>[] = [];
  const scope = globalThis as { EdgeRuntime?: { waitUntil(promise: Promise<unknown>): void } };
  scope.EdgeRuntime = { waitUntil: (promise) => void given.push(promise) };
  try {
    runInBackground(Promise.reject(new Error("sample")), () => {});
    strictEqual(given.length, 1);
    await given[0];
  } finally {
    delete scope.EdgeRuntime;
  }
});

Deno.test("waiting ends with the work, with its failure, or with time", async () => {
  deepStrictEqual(await waitAtMost(Promise.resolve(7), 1_000), { settled: true, value: 7 });
  await rejects(waitAtMost(Promise.reject(new Error("sample")), 1_000), /sample/);
  const late = Promise.withResolvers<number>();
  deepStrictEqual(await waitAtMost(late.promise, 5), { settled: false });
  late.reject(new Error("after nobody waited any more"));
});

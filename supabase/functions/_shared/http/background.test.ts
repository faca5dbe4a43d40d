import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { runInBackground, waitAtMost } from "./background.ts";

Deno.test("work goes on in the background until it has settled", async () => {
  const work = Promise.withResolvers<void>();
  const done = work.promise.then(() => "done");
  runInBackground(done, () => {});
  work.resolve();
  strictEqual(await done, "done");
});

Deno.test("a failure in the background is told and ends nothing else", async () => {
  const failure = new Error("sample");
  const told = await new Promise((resolve) => runInBackground(Promise.reject(failure), resolve));
  strictEqual(told, failure);
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

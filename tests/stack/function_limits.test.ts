import { deepStrictEqual, match, notStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type FunctionLimits, functionLimits } from "../../local/function_limits.ts";
import { startFunctionHost } from "../../local/function_host.ts";
import type { WorkerRecord } from "../../local/worker_record.ts";
import { eventually } from "../support/eventually.ts";
import { lasting } from "../support/lasting.ts";

interface Stage {
  get(path: string): Promise<Response>;
  workers(): readonly WorkerRecord[];
  stop(): Promise<void>;
  /** The lines that functions logged. */
  readonly said: readonly string[];
  /** What functions reported over HTTP, which shows how much time they were given. */
  readonly told: readonly string[];
  /** Lets the work of `/greedy/later` end. */
  release(): void;
}

async function withLimits(limits: Partial<FunctionLimits>, run: (stage: Stage) => Promise<void>): Promise<void> {
  const said: string[] = [];
  const told: string[] = [];
  const held = Promise.withResolvers<void>();
  const listener = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const what = new URL(request.url).pathname.slice(1);
    told.push(what);
    if (what === "work") await held.promise;
    return new Response();
  });
  const host = startFunctionHost({
    functionsDir: fileURLToPath(new URL("./functions", import.meta.url)),
    env: { TELL_URL: `http://127.0.0.1:${listener.addr.port}` },
    limits,
    onLine: (line) => said.push(line),
  });
  const get = (path: string) => host.handle(new Request(`http://127.0.0.1/${path}`), `/${path}`);
  try {
    await run({ get, workers: host.workers, stop: host.stop, said, told, release: held.resolve });
  } finally {
    held.resolve();
    await host.stop();
    await listener.shutdown();
  }
}

async function assertKilled(response: Response): Promise<void> {
  strictEqual(response.status, 546);
  strictEqual((await response.json()).code, "WORKER_LIMIT");
}

Deno.test("a worker is retired at 1 s of CPU, its successor answers, and it is killed at 2 s", async () => {
  await withLimits({}, async ({ get, workers, said, told }) => {
    const burning = get("greedy/burn");
    await eventually("the worker is retired for its CPU", () => workers()[0]?.retired === "cpu");
    const successor = await (await get("greedy")).text();
    notStrictEqual(successor, String(workers()[0].pid));
    strictEqual(workers()[0].ended, null);

    await assertKilled(await burning);
    await eventually("the worker has ended", () => workers()[0].ended !== null);
    ok(told.includes("cpu"), "beforeunload came with time to tell");
    const [worker] = workers();
    strictEqual(worker.ended, "cpu");
    ok(worker.cpuMs >= 2000 && worker.cpuMs < 3000, `${worker.cpuMs} ms of CPU`);
    const [{ status, cpuMs }] = worker.invocations;
    strictEqual(status, 546);
    ok(cpuMs > 1500 && cpuMs <= worker.cpuMs, `${cpuMs} ms of CPU`);
    match(said.join("\n"), /^greedy: retired \(cpu\): 1(\.\d+)? s of 1 s of CPU/m);
    match(said.join("\n"), /^greedy: killed \(cpu\): [\d.]+ s of 2 s of CPU/m);
    match(said.join("\n"), /^greedy: the worker ended \(cpu\): CPU [\d.]+ s \(start [\d.]+ s\), peak \d+ MB/m);
  });
});

Deno.test("a worker that holds more than it may is warned and killed", async () => {
  await withLimits({ memoryMb: 150 }, async ({ get, workers, said, told }) => {
    await assertKilled(await get("greedy/hoard"));
    await eventually("the worker has ended", () => workers()[0].ended !== null);
    strictEqual(workers()[0].ended, "memory");
    ok(workers()[0].peakBytes >= 150e6, `${workers()[0].peakBytes} bytes`);
    deepStrictEqual(told, ["memory"]);
    match(said.join("\n"), /^greedy: killed \(memory\): \d+ MB of 150 MB of memory above a bare worker/m);
  });
});

Deno.test("a worker that overstays is retired at half of its time, warned, and killed", async () => {
  await withLimits({ wallClockMs: 3000 }, async ({ get, workers, said, told }) => {
    const staying = get("greedy/stay");
    await eventually("the worker is retired for its time", () => workers()[0]?.retired === "wall_clock");
    notStrictEqual(await (await get("greedy")).text(), String(workers()[0].pid));
    await assertKilled(await staying);
    await eventually("the worker has ended", () => workers()[0].ended !== null);
    strictEqual(workers()[0].ended, "wall_clock");
    ok(told.includes("wall_clock"));
    match(said.join("\n"), /^greedy: killed \(wall_clock\): [\d.]+ s of 3 s of wall clock/m);
  });
});

Deno.test("waitUntil keeps a retired worker until it settles; then it is dropped before its time", async () => {
  await withLimits({ wallClockMs: 6000 }, async ({ get, workers, told, release }) => {
    await (await get("greedy/later")).text();
    await eventually("the worker is retired for its time", () => workers()[0].retired === "wall_clock");
    await lasting(700);
    deepStrictEqual([workers()[0].ended, told], [null, ["work"]]);
    release();
    await eventually("the worker has ended", () => workers()[0].ended !== null);
    deepStrictEqual([workers()[0].ended, told], ["early_drop", ["work", "early_drop"]]);
    ok(workers()[0].invocations[0].wallMs > 2000, "an invocation lasts until its work is done");
  });
});

Deno.test("work that is under way when the stack stops is warned", async () => {
  await withLimits({}, async ({ get, workers, told, stop }) => {
    await (await get("greedy/later")).text();
    await eventually("the work has begun", () => told.includes("work"));
    await stop();
    deepStrictEqual([workers()[0].ended, told], ["stopped", ["work", "termination"]]);
  });
});

Deno.test("who waits too long for an answer gets 504, and the worker lives on", async () => {
  await withLimits({ answerMs: 500 }, async ({ get, workers }) => {
    const pid = await (await get("greedy")).text();
    const response = await get("greedy/stay");
    deepStrictEqual([response.status, (await response.json()).code], [504, "IDLE_TIMEOUT"]);
    strictEqual(await (await get("greedy")).text(), pid);
    const shown = await (await get("_limits")).json();
    deepStrictEqual(shown.workers[0].invocations.map(({ status }: { status: number }) => status), [200, 504, 200]);
    strictEqual(shown.limits.cpuHardMs, 2000);
    strictEqual(workers().length, 1);
  });
});

Deno.test("LIFEBOAT_LIMITS names a plan, free if it is empty, or turns limits off", () => {
  const before = Deno.env.get("LIFEBOAT_LIMITS");
  const limitsOf = (plan: string) => {
    Deno.env.set("LIFEBOAT_LIMITS", plan);
    return functionLimits();
  };
  try {
    deepStrictEqual([limitsOf("")?.wallClockMs, limitsOf("free")?.wallClockMs, limitsOf("paid")?.wallClockMs], [
      150_000,
      150_000,
      400_000,
    ]);
    strictEqual(limitsOf("off"), null);
    throws(() => limitsOf("of"), { code: "limits_unknown" });
    strictEqual(functionLimits({ memoryMb: 1 })?.cpuHardMs, 2000);
  } finally {
    if (before === undefined) Deno.env.delete("LIFEBOAT_LIMITS");
    else Deno.env.set("LIFEBOAT_LIMITS", before);
  }
});

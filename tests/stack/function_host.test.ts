import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FunctionLimits } from "../../local/function_limits.ts";
import { type FunctionHost, startFunctionHost } from "../../local/function_host.ts";
import { startGateway } from "../../local/gateway.ts";
import { freePort } from "../../local/ports.ts";
import { eventually } from "../support/eventually.ts";

const functionsDir = fileURLToPath(new URL("./functions", import.meta.url));
const said: string[] = [];

async function withHost(
  run: (get: (path: string, init?: RequestInit) => Promise<Response>, host: FunctionHost) => Promise<void>,
  options: { functionsDir?: string; limits?: Partial<FunctionLimits> } = {},
): Promise<void> {
  Deno.env.set("SECRET_OF_THE_STACK", "not for functions");
  said.length = 0;
  const host = startFunctionHost({
    env: { GREETING: "hello" },
    onLine: (line) => said.push(line),
    functionsDir: options.functionsDir ?? functionsDir,
    limits: { memoryMb: 128, ...options.limits },
  });
  const port = freePort();
  const gateway = startGateway({ port, apiOrigin: "http://127.0.0.1:1", functions: host });
  try {
    await run((path, init) => fetch(`http://127.0.0.1:${port}/functions/v1/${path}`, init), host);
  } finally {
    await host.stop();
    await gateway.stop();
  }
}

Deno.test("a function answers on the Deno of edge functions, with its own environment, in one process", async () => {
  await withHost(async (get) => {
    const answers = [];
    for (const body of ["first", "second"]) {
      const response = await get("hello/some/path?q=1", { method: "POST", body, headers: { apikey: "key" } });
      strictEqual(response.status, 200);
      answers.push(await response.json());
    }
    deepStrictEqual(answers[1], {
      requests: 2,
      deno: "2.1.4",
      path: "/hello/some/path?q=1",
      greeting: "hello",
      home: null,
      body: "second",
      apikey: "key",
    });
    strictEqual(answers[0].requests, 1);
    strictEqual(await (await get("classic")).text(), "classic");
    match(await (await get("hello/refused")).text(), /^(NotCapable|PermissionDenied)$/);
  });
});

Deno.test("waitUntil goes on after the response", async () => {
  const answered = Promise.withResolvers<void>();
  const told: string[] = [];
  const listener = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    told.push(await request.text());
    await answered.promise;
    return new Response();
  });
  try {
    await withHost(async (get) => {
      const response = await get(`hello/later?tell=${encodeURIComponent(`http://127.0.0.1:${listener.addr.port}`)}`);
      strictEqual(response.status, 202);
      await response.body?.cancel();
      answered.resolve();
      await eventually("the work is done", () => told.length === 2);
      deepStrictEqual(told, ["at work", "done later"]);
    });
  } finally {
    await listener.shutdown();
  }
});

Deno.test("a process that dies answers 546, and the next request gets a new one", async () => {
  await withHost(async (get) => {
    await (await get("hello")).body?.cancel();
    for (const path of ["hello/crash", "hello/memory"]) {
      const response = await get(path);
      strictEqual(response.status, 546);
      strictEqual((await response.json()).code, "WORKER_LIMIT");
      strictEqual((await (await get("hello")).json()).requests, 1);
    }
    ok(said.some((line) => line.includes("the worker ended")));
  });
});

Deno.test("an error in a handler answers 500, one at the start 503, an unknown function 404; all with JSON", async () => {
  await withHost(async (get) => {
    const thrown = await get("hello/throw");
    deepStrictEqual([thrown.status, (await thrown.json()).code], [500, "WORKER_ERROR"]);
    const broken = await get("broken");
    deepStrictEqual([broken.status, (await broken.json()).code], [503, "BOOT_ERROR"]);
    ok(said.some((line) => line.includes("This function cannot start.")));
    for (const path of ["absent", "_shared", "..%2f", ""]) {
      const absent = await get(path);
      deepStrictEqual([absent.status, (await absent.json()).code], [404, "NOT_FOUND"]);
    }
  });
});

Deno.test("a function starts again when its sources change", async () => {
  const folder = await Deno.makeTempDir({ dir: fileURLToPath(new URL(".", import.meta.url)), prefix: ".functions-" });
  try {
    const write = (text: string) => Deno.writeTextFile(join(folder, "changing", "index.ts"), text);
    await Deno.mkdir(join(folder, "changing"));
    await Deno.mkdir(join(folder, "_shared"));
    await Deno.writeTextFile(join(folder, "_shared", "word.ts"), `export const word = "one";`);
    await write(
      `import { word } from "../_shared/word.ts"; export default { fetch: () => new Response(word + Deno.pid) };`,
    );
    await withHost(async (get) => {
      const first = await (await get("changing")).text();
      strictEqual(await (await get("changing")).text(), first);
      const word = join(folder, "_shared", "word.ts");
      const { mtime } = await Deno.stat(word);
      await eventually("the file's time of change has moved on", async () => {
        await Deno.writeTextFile(word, `export const word = "two";`);
        return (await Deno.stat(word)).mtime!.getTime() > mtime!.getTime();
      });
      const second = await (await get("changing")).text();
      match(second, /^two/);
      notStrictEqual(second, first);
    }, { functionsDir: folder });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

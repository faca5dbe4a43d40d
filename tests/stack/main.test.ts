import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { denoPath } from "../../scripts/deno.mjs";
import { assertPortFree, freePort } from "../../local/ports.ts";
import { hasCode } from "../../supabase/functions/_shared/engine/errors.ts";
import { eventually } from "../support/eventually.ts";

const main = fileURLToPath(new URL("../../local/main.ts", import.meta.url));

interface Run {
  readonly process: Deno.ChildProcess;
  /** Everything that the program has printed so far. */
  said(): string;
  /** Waits until the program has ended and returns its exit code. */
  ended(): Promise<number>;
}

function start(env: Record<string, string>, ...args: string[]): Run {
  const process = new Deno.Command(denoPath(), {
    args: ["run", "-A", main, ...args],
    env: { NO_COLOR: "1", ...env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let text = "";
  const read = async (stream: ReadableStream<Uint8Array>) => {
    for await (const part of stream.pipeThrough(new TextDecoderStream())) text += part;
  };
  const output = Promise.all([read(process.stdout), read(process.stderr)]);
  return {
    process,
    said: () => text,
    ended: async () => {
      const status = await process.status;
      await output;
      return status.code;
    },
  };
}

/** The first of six free ports in a row. Other programs may take one of them at any time. */
function freePortBase(): string {
  while (true) {
    const base = freePort();
    try {
      for (let offset = 0; offset < 6; offset++) assertPortFree(base + offset, "a test");
      return String(base);
    } catch (error) {
      if (!hasCode(error, "port_taken")) throw error;
    }
  }
}

async function processesNaming(text: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-A", "-o", "pid=,args="] }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line.includes(text));
}

Deno.test("start keeps the stack up on the wished ports and folder until SIGTERM, then leaves nothing", async () => {
  const folder = await Deno.makeTempDir({ prefix: "lifeboat-stack-" });
  await Deno.chmod(folder, 0o755);
  const env = { LIFEBOAT_PORT_BASE: freePortBase(), LIFEBOAT_DATA_DIR: join(folder, "data") };
  try {
    const stack = start(env, "start");
    await eventually(
      "the stack is ready, or says why not",
      () => stack.said().includes("Ready.") || stack.said().includes("wants port"),
    );
    const details = JSON.parse(await Deno.readTextFile(join(folder, "data", "stack.json")));
    strictEqual(details.apiUrl, `http://127.0.0.1:${env.LIFEBOAT_PORT_BASE}`);

    const second = start(env, "start");
    strictEqual(await second.ended(), 1);
    match(second.said(), /wants port \d+ on 127\.0\.0\.1[\s\S]*LIFEBOAT_PORT_BASE/);
    const elsewhere = start({ ...env, LIFEBOAT_PORT_BASE: freePortBase() }, "start");
    strictEqual(await elsewhere.ended(), 1);
    match(elsewhere.said(), /is running on the data directory/);

    stack.process.kill("SIGTERM");
    strictEqual(await stack.ended(), 0);
    match(stack.said(), /Stopped\./);
    deepStrictEqual(await processesNaming(folder), []);
    deepStrictEqual((await Array.fromAsync(Deno.readDir(join(folder, "data")))).map((entry) => entry.name).sort(), [
      "objects",
      "postgres",
      "s3",
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("start refuses a port base that is none, and an unknown command is explained", async () => {
  const wrong = start({ LIFEBOAT_PORT_BASE: "eighty" }, "start");
  strictEqual(await wrong.ended(), 1);
  match(wrong.said(), /LIFEBOAT_PORT_BASE has to be a number/);
  const unknown = start({}, "stop");
  strictEqual(await unknown.ended(), 2);
  match(unknown.said(), /start\|demo/);
});

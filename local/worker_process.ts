import { fileURLToPath } from "node:url";
import { denoPath } from "../scripts/deno.mjs";
import type { Child } from "./child_process.ts";
import { type ReadyChild, startReadyChild } from "./ready_child.ts";

export interface WorkerProcessOptions {
  readonly name: string;
  readonly file: string;
  /** The environment of the function. */
  readonly env: Readonly<Record<string, string>>;
  /** Limit of V8's heap; null lets V8 decide. */
  readonly heapMb: number | null;
  /** Gets the process before it is ready. */
  readonly started: (child: Child) => void;
  readonly onLine: (line: string) => void;
}

/** Variables of the stack itself that tell Deno where its cache is. */
const PASSED_ON = ["HOME", "DENO_DIR", "TMPDIR", "PATH"];

function environment(): Record<string, string> {
  const passedOn = PASSED_ON.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(passedOn), NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
}

/** Starts the process of one worker and waits until it answers. Throws `part_failed`. */
export function startWorkerProcess(options: WorkerProcessOptions): Promise<ReadyChild> {
  return startReadyChild(
    {
      name: options.name,
      command: denoPath(true),
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        // With V8's code cache the first start would cost more, and later ones less, than any start on the platform.
        "--no-code-cache",
        // The platform has no subprocesses and no FFI, and only /tmp can be written.
        "--allow-net",
        "--allow-env",
        "--allow-read",
        "--allow-sys",
        `--allow-write=${Deno.env.get("TMPDIR") ?? "/tmp"}`,
        ...options.heapMb === null ? [] : [`--v8-flags=--max-old-space-size=${options.heapMb}`],
        fileURLToPath(new URL("function_worker.ts", import.meta.url)),
        options.file.startsWith("/") ? `file://${encodeURI(options.file)}` : options.file,
        options.name,
      ],
      env: { ...environment(), ...options.env },
      clearEnv: true,
      listens: true,
      // The platform kills too, and a later signal would let a worker report more than it could there.
      stopSignal: "SIGKILL",
      onLine: options.onLine,
    },
    60_000,
    options.started,
  );
}

const prepared = new Map<string, Promise<void>>();

/**
 * Compiles TypeScript into Deno's cache, once for each version of the sources. Hosted functions are bundled at
 * deployment, so workers spend no CPU on that. Failures show when the worker starts.
 */
export function prepareFunction(file: string, version: string): Promise<void> {
  const key = `${version} ${file}`;
  const config = fileURLToPath(new URL("../deno.json", import.meta.url));
  const running = prepared.get(key) ??
    new Deno.Command(denoPath(true), {
      args: ["cache", "--quiet", `--config=${config}`, file],
      env: environment(),
      clearEnv: true,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output().then(() => {});
  prepared.set(key, running);
  return running;
}

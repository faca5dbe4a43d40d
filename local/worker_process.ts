import { fileURLToPath } from "node:url";
import { denoPath } from "../scripts/deno.mjs";
import type { Child } from "./child_process.ts";
import { type ReadyChild, startReadyChild } from "./ready_child.ts";

export interface WorkerProcessOptions {
  readonly name: string;
  readonly file: string;
  /** What the function sees as its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Of V8's heap; null: as much as V8 likes. */
  readonly heapMb: number | null;
  /** Told of the process before it is ready. */
  readonly started: (child: Child) => void;
  readonly onLine: (line: string) => void;
}

/** From the environment of the stack itself: where Deno keeps its cache. */
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
        // V8's cache would make the first start dearer and later ones cheaper than any start is there.
        "--no-code-cache",
        // The platform has no subprocesses, no FFI, and only /tmp to write to.
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
      // What may be said before its end has been said: the platform kills, too.
      stopSignal: "SIGKILL",
      onLine: options.onLine,
    },
    60_000,
    options.started,
  );
}

const prepared = new Map<string, Promise<void>>();

/**
 * Turns TypeScript into what Deno keeps in its cache, once for each version of the sources: hosted functions are
 * bundled when they are deployed, so that no worker's CPU may pay for it. Failures show when the worker starts.
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

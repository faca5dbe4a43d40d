import { fileURLToPath } from "node:url";
import { type ProcessUsage, processUsage } from "./process_usage.ts";
import { startWorkerProcess } from "./worker_process.ts";

let measured: Promise<ProcessUsage | null> | undefined;

/**
 * Resources of a worker whose function imports nothing, after its first answer: those of Deno and of the emulation.
 * Measured once in each process that asks. Null without `/proc`.
 */
export function bareWorkerUsage(): Promise<ProcessUsage | null> {
  return measured ??= measure();
}

async function measure(): Promise<ProcessUsage | null> {
  const child = await startWorkerProcess({
    name: "bare worker",
    file: fileURLToPath(new URL("bare_function.ts", import.meta.url)),
    env: {},
    heapMb: null,
    started: () => {},
    onLine: () => {},
  });
  try {
    await (await fetch(`http://127.0.0.1:${child.port}/`)).body?.cancel();
    return processUsage(child.pid);
  } finally {
    await child.stop();
  }
}

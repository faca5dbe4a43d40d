import { join } from "node:path";
import { bareWorkerUsage } from "./bare_worker.ts";
import { describeLimits, type FunctionLimits, functionLimits } from "./function_limits.ts";
import { FunctionProcess } from "./function_process.ts";
import { sourceVersion } from "./source_version.ts";
import { prepareFunction } from "./worker_process.ts";
import type { WorkerRecord } from "./worker_record.ts";

export interface FunctionHostOptions {
  /** Contains a folder with `index.js` (built) or `index.ts` for each function, and `_shared`. */
  readonly functionsDir: string;
  /** The environment of functions. */
  readonly env: Readonly<Record<string, string>>;
  /** Limits of each worker in place of the free plan's; null: none; absent: by LIFEBOAT_LIMITS. */
  readonly limits?: Partial<FunctionLimits> | null;
  readonly onLine?: (line: string) => void;
}

export interface FunctionHost {
  /** Answers a request for `path`, `/<name>/…`: like the platform, without `/functions/v1`. */
  handle(request: Request, path: string): Promise<Response>;
  /** Every worker so far, oldest first, as of at most 50 ms ago; `handle` answers GET `/_limits` with them. */
  workers(): readonly WorkerRecord[];
  stop(): Promise<void>;
}

async function firstExisting(...files: string[]): Promise<string | undefined> {
  for (const file of files) {
    try {
      await Deno.stat(file);
      return file;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

interface CurrentWorker {
  readonly version: string;
  readonly process: Promise<FunctionProcess>;
}

/** More records would let a stack that runs for weeks grow. */
const RECORDS_KEPT = 10_000;

/**
 * Runs edge functions as the platform does, each in its own worker, which the first request starts and which is
 * replaced when it dies, is retired or its sources change. Workers are held to the platform's limits
 * (function_limits.ts). The answer is 546 when a worker dies during a request, 503 when it cannot start. Throws
 * `limits_unknown`.
 */
export function startFunctionHost(options: FunctionHostOptions): FunctionHost {
  const limits = functionLimits(options.limits);
  const current = new Map<string, CurrentWorker>();
  const alive = new Set<FunctionProcess>();
  const starting = new Set<Promise<unknown>>();
  const records: WorkerRecord[] = [];
  const say = options.onLine ?? (() => {});
  let stopped = false;
  say(describeLimits(limits));

  const start = async (name: string, file: string, version: string): Promise<FunctionProcess> => {
    const [bare] = await Promise.all([bareWorkerUsage(), prepareFunction(file, version)]);
    const sayOfIt = (line: string) => say(`${name}: ${line}`);
    if (bare === null) say(`${name}: neither CPU nor memory can be measured without /proc; only time is limited`);
    const process = new FunctionProcess({ name, file, env: options.env, limits, bare, say: sayOfIt });
    alive.add(process);
    records.push(process.record);
    if (records.length > RECORDS_KEPT) records.shift();
    process.ended.then(() => alive.delete(process));
    return process;
  };

  const workerFor = async (name: string): Promise<FunctionProcess | null> => {
    const folder = join(options.functionsDir, name);
    const file = await firstExisting(join(folder, "index.js"), join(folder, "index.ts"));
    if (file === undefined) return null;
    const version = await sourceVersion(folder, join(options.functionsDir, "_shared"));
    // A worker is chosen and replaced without a pause, so that simultaneous requests get the same new one.
    while (true) {
      const existing = current.get(name);
      if (existing?.version === version) {
        const process = await existing.process.catch((error) => {
          if (current.get(name) === existing) current.delete(name);
          throw error;
        });
        if (process.acceptsRequests()) return process;
        if (current.get(name) !== existing) continue;
      } else {
        existing?.process.then((process) => process.retire("sources"), () => {});
      }
      current.set(name, { version, process: start(name, file, version) });
    }
  };

  const handle = async (request: Request, path: string): Promise<Response> => {
    if (stopped) return Response.json({ code: "STOPPED", message: "The local stack is stopping" }, { status: 503 });
    const name = path.split(/[/?]/)[1];
    if (name === "_limits") return Response.json({ limits, bare: await bareWorkerUsage(), workers: records });
    const finding = /^[A-Za-z][\w-]*$/.test(name) ? workerFor(name) : Promise.resolve(null);
    starting.add(finding);
    const process = await finding.finally(() => starting.delete(finding));
    if (process === null) {
      return Response.json({ code: "NOT_FOUND", message: "Requested function was not found" }, { status: 404 });
    }
    const response = await process.fetch(request, path);
    if (response.status >= 500) say(`${name}: answered ${response.status}`);
    return response;
  };

  const stop = async () => {
    stopped = true;
    await Promise.allSettled(starting);
    await Promise.all([...alive].map((process) => process.stop()));
  };
  return { handle, workers: () => records, stop };
}

import { join } from "node:path";
import { FunctionProcess, type FunctionSettings } from "./function_process.ts";
import { sourceVersion } from "./source_version.ts";

export interface FunctionHostOptions extends Omit<FunctionSettings, "name" | "file"> {
  /** Holds one folder with `index.ts` for each function, and `_shared`. */
  readonly functionsDir: string;
}

export interface FunctionHost {
  /** Answers a request for `path`, `/<name>/…`: functions see it without `/functions/v1`, as on the platform. */
  handle(request: Request, path: string): Promise<Response>;
  stop(): Promise<void>;
}

/**
 * Runs edge functions as the platform does: a process for each, started by its first request, and again when it died,
 * its sources changed, or half of its time is over. A process that dies under a request answers 546, one that cannot
 * start 503. Memory and wall clock are limited as hosted; CPU time is not.
 */
export function startFunctionHost(options: FunctionHostOptions): FunctionHost {
  const current = new Map<string, { version: string; process: FunctionProcess }>();
  const all = new Set<FunctionProcess>();
  const say = options.onLine ?? (() => {});
  let stopped = false;

  const processFor = async (name: string): Promise<FunctionProcess | null> => {
    const file = join(options.functionsDir, name, "index.ts");
    const version = await sourceVersion(file, join(options.functionsDir, name), join(options.functionsDir, "_shared"));
    if (version === null) return null;
    const existing = current.get(name);
    if (existing?.version === version && existing.process.acceptsRequests()) return existing.process;
    const process = new FunctionProcess({ ...options, name, file });
    all.add(process);
    process.ended.then(() => all.delete(process));
    current.set(name, { version, process });
    return process;
  };

  const handle = async (request: Request, path: string): Promise<Response> => {
    if (stopped) return Response.json({ code: "STOPPED", message: "The local stack is stopping" }, { status: 503 });
    const name = path.split(/[/?]/)[1];
    const process = /^[A-Za-z][\w-]*$/.test(name) ? await processFor(name) : null;
    if (process === null) {
      return Response.json({ code: "NOT_FOUND", message: "Requested function was not found" }, { status: 404 });
    }
    const response = await process.fetch(request, path);
    if (response.status >= 500) say(`${name}: answered ${response.status}`);
    return response;
  };

  const stop = async () => {
    stopped = true;
    await Promise.all([...all].map((process) => process.stop()));
  };
  return { handle, stop };
}

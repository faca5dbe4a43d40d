import { fileURLToPath } from "node:url";
import { denoPath } from "../scripts/deno.mjs";
import { LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";
import { plainHeaders } from "./plain_headers.ts";
import { type ReadyChild, startReadyChild } from "./ready_child.ts";

export interface FunctionSettings {
  readonly name: string;
  readonly file: string;
  /** What the function sees as its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Of V8's heap; 256 if absent, as hosted. */
  readonly memoryLimitMb?: number;
  /** It is killed then, and gets no new requests from half of it; 400,000 if absent, as on a paid plan. */
  readonly wallClockMs?: number;
  readonly onLine?: (line: string) => void;
}

const DEFAULT_WALL_CLOCK_MS = 400_000;

/** From the environment of the stack itself: where Deno keeps its cache. */
const PASSED_ON = ["HOME", "DENO_DIR", "TMPDIR", "PATH"];

/** One process of one function. */
export class FunctionProcess {
  /** Settles when the process is gone. */
  readonly ended: Promise<void>;
  readonly #child: Promise<ReadyChild>;
  readonly #retiresAt: number;
  #alive = true;
  #killed?: string;

  constructor(settings: FunctionSettings) {
    const wallClockMs = settings.wallClockMs ?? DEFAULT_WALL_CLOCK_MS;
    this.#retiresAt = Date.now() + wallClockMs / 2;
    this.#child = start(settings);
    const timer = setTimeout(() => {
      this.#killed = `wall clock limit of ${wallClockMs / 1000} s`;
      this.stop();
    }, wallClockMs);
    this.ended = this.#child.then((child) => child.exited).then(
      (status) => {
        const reason = this.#killed ?? `${status.signal ?? `code ${status.code}`}`;
        settings.onLine?.(`${settings.name}: the process ended (${reason})`);
      },
      (error) => settings.onLine?.(`${settings.name}: ${error.message}`),
    ).finally(() => {
      this.#alive = false;
      clearTimeout(timer);
    });
  }

  acceptsRequests(): boolean {
    return this.#alive && Date.now() < this.#retiresAt;
  }

  /** Passes on a request for `path` (which starts with the function's name). */
  async fetch(request: Request, path: string): Promise<Response> {
    let child: ReadyChild;
    try {
      child = await this.#child;
    } catch (error) {
      if (!(error instanceof LifeboatError)) throw error;
      return Response.json({ code: "BOOT_ERROR", message: "Function failed to start (please check logs)" }, {
        status: 503,
      });
    }
    try {
      return await fetch(`http://127.0.0.1:${child.port}${path}`, {
        method: request.method,
        headers: plainHeaders(request.headers),
        body: request.body,
        redirect: "manual",
      });
    } catch {
      // Broken connections are seen before the end of the process is: the next request must not meet the same fate.
      this.#alive = false;
      return Response.json({
        code: "WORKER_LIMIT",
        message: "Function failed due to not having enough compute resources (please check logs)",
      }, { status: 546 });
    }
  }

  /** Ends it at once, as the platform does. */
  async stop(): Promise<void> {
    this.#alive = false;
    await this.#child.then((child) => child.stop(), () => {});
  }
}

function start(settings: FunctionSettings): Promise<ReadyChild> {
  const passedOn = PASSED_ON.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return startReadyChild({
    name: settings.name,
    command: denoPath(true),
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      // The platform has no subprocesses, no FFI, and only /tmp to write to.
      "--allow-net",
      "--allow-env",
      "--allow-read",
      "--allow-sys",
      `--allow-write=${Deno.env.get("TMPDIR") ?? "/tmp"}`,
      `--v8-flags=--max-old-space-size=${settings.memoryLimitMb ?? 256}`,
      fileURLToPath(new URL("function_worker.ts", import.meta.url)),
      settings.file.startsWith("/") ? `file://${encodeURI(settings.file)}` : settings.file,
      settings.name,
      String(settings.wallClockMs ?? DEFAULT_WALL_CLOCK_MS),
    ],
    env: { ...Object.fromEntries(passedOn), ...settings.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    clearEnv: true,
    // Nothing is asked of it before its end: the platform kills, too.
    stopSignal: "SIGKILL",
    onLine: (line) => settings.onLine?.(`${settings.name}: ${line}`),
  });
}

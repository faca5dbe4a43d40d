import { LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";
import type { Child } from "./child_process.ts";
import type { FunctionLimits } from "./function_limits.ts";
import { plainHeaders } from "./plain_headers.ts";
import { type ProcessUsage, processUsage } from "./process_usage.ts";
import type { ReadyChild } from "./ready_child.ts";
import { stepsDue } from "./worker_limits.ts";
import { INVOCATION, PENDING, UNLOAD } from "./worker_lines.ts";
import { startWorkerProcess } from "./worker_process.ts";
import { describeWorker, type InvocationRecord, type WorkerEnd, type WorkerRecord } from "./worker_record.ts";

export interface FunctionSettings {
  readonly name: string;
  readonly file: string;
  /** The environment of the function. */
  readonly env: Readonly<Record<string, string>>;
  /** When null, the worker is only measured. */
  readonly limits: FunctionLimits | null;
  /** Resources of a bare worker, which are subtracted; null where nothing can be measured. */
  readonly bare: ProcessUsage | null;
  readonly say: (line: string) => void;
}

type Writable<Record> = { -readonly [Key in keyof Record]: Record[Key] };

interface Invocation {
  readonly record: Writable<InvocationRecord>;
  answered: boolean;
  /** Number of promises given to `waitUntil` that have not settled. */
  pending: number;
  idleLooks: number;
}

/** Interval between measurements, in which a worker at full speed uses 0.05 s of CPU. */
const LOOK_EVERY_MS = 50;

/** An invocation has ended after two idle measurements: its answer and its count of pending work arrive separately. */
const IDLE_LOOKS = 2;

/** Measurements between `beforeunload` and the end of an idle worker. */
const EARLY_DROP_LOOKS = 10;
const TERMINATION_MS = 2_000;

/** One worker of one function: a process, held to the platform's limits from outside. */
export class FunctionProcess {
  /** Settles when the process has ended. */
  readonly ended: Promise<void>;
  readonly #settings: FunctionSettings;
  readonly #startedMs = performance.now();
  readonly #ready: Promise<ReadyChild>;
  readonly #record: Writable<WorkerRecord> & { invocations: InvocationRecord[] };
  /** Active invocations by number, in order of arrival. */
  readonly #open = new Map<number, Invocation>();
  readonly #done = new Set<string>();
  #child?: Child;
  /** Pending promises of invocations that had ended, by number. */
  readonly #late = new Map<number, number>();
  #idleLooks = 0;
  #gone = false;
  #ending: WorkerEnd | undefined;

  constructor(settings: FunctionSettings) {
    this.#settings = settings;
    this.#record = {
      functionName: settings.name,
      pid: 0,
      startedAt: new Date().toISOString(),
      startCpuMs: null,
      cpuMs: 0,
      peakBytes: 0,
      wallMs: 0,
      retired: null,
      ended: null,
      invocations: [],
    };
    this.#ready = startWorkerProcess({
      name: settings.name,
      file: settings.file,
      env: settings.env,
      heapMb: settings.limits?.memoryMb ?? null,
      started: (child) => this.#started(child),
      onLine: (line) => this.#heard(line),
    });
    const timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.ended = this.#ready.then((child) => {
      this.#measure();
      this.#record.startCpuMs = this.#record.cpuMs;
      return child.exited;
    }).catch((error) => settings.say(error.message)).then(() => this.#child?.exited).then((status) => {
      clearInterval(timer);
      this.#gone = true;
      this.#record.ended = this.#ending ?? "exited";
      for (const { record } of this.#open.values()) record.wallMs = this.#age() - record.arrivedMs;
      const how = this.#ending ?? status?.signal ?? `code ${status?.code}`;
      settings.say(`the worker ended (${how}): ${describeWorker(this.#record)}`);
    });
  }

  get record(): WorkerRecord {
    return this.#record;
  }

  acceptsRequests(): boolean {
    return !this.#gone && this.#ending === undefined && this.#record.retired === null;
  }

  /** Lets the worker get no more requests. It ends once it is idle. */
  retire(reason: NonNullable<WorkerRecord["retired"]>): void {
    this.#record.retired ??= reason;
  }

  /** Sends a request for `path`, which starts with the function's name, to the worker. */
  async fetch(request: Request, path: string): Promise<Response> {
    const [number, invocation] = this.#arrived(path);
    const response = await this.#answer(request, path, number);
    invocation.record.status = response.status;
    if (response.body === null) {
      invocation.answered = true;
      return response;
    }
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    // The answer ends when its reader leaves or the worker dies; a reader notices the latter by the stream.
    const finished = () => void (invocation.answered = true);
    response.body.pipeTo(writable).then(finished, finished);
    return new Response(readable, response);
  }

  /** Ends an idle worker at once, a busy one two seconds after its `beforeunload`. May be repeated. */
  async stop(): Promise<void> {
    this.#ending ??= "stopped";
    const deadline = performance.now() + TERMINATION_MS;
    if (this.#isBusy()) this.#warn("termination");
    while (!this.#gone && this.#isBusy() && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    this.#measure();
    await this.#child?.stop();
    await this.ended;
  }

  async #answer(request: Request, path: string, number: number): Promise<Response> {
    let child: ReadyChild;
    try {
      child = await this.#ready;
    } catch (error) {
      if (!(error instanceof LifeboatError)) throw error;
      if (this.#ending !== undefined) return overLimit();
      return Response.json({ code: "BOOT_ERROR", message: "Function failed to start (please check logs)" }, {
        status: 503,
      });
    }
    const { limits, say } = this.#settings;
    const impatient = new AbortController();
    const timer = limits && setTimeout(() => impatient.abort(), limits.answerMs);
    const headers = plainHeaders(request.headers);
    headers.set(INVOCATION, String(number));
    try {
      return await fetch(`http://127.0.0.1:${child.port}${path}`, {
        method: request.method,
        headers,
        body: request.body,
        redirect: "manual",
        signal: impatient.signal,
      });
    } catch (error) {
      if (impatient.signal.aborted) {
        say(`no answer within ${limits!.answerMs / 1000} s: the caller gets 504, the worker works on`);
        return Response.json({ code: "IDLE_TIMEOUT", message: "The request took too long to be answered." }, {
          status: 504,
        });
      }
      // When a worker answers before it has read the whole body, the connection closes although the worker lives.
      if (request.body !== null && !await this.#endsWithin(200)) {
        say(`the answer came before the body was sent: ${error}`);
        return Response.json({ code: "BAD_GATEWAY", message: "The connection was closed while the body was sent." }, {
          status: 502,
        });
      }
      // A broken connection shows before the end of the process does; the next request must get another worker.
      this.retire("unreachable");
      say(`the connection broke: ${error}`);
      return overLimit();
    } finally {
      if (timer) clearTimeout(timer);
    }
  }

  async #endsWithin(ms: number): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const waited = new Promise<boolean>((resolve) => timer = setTimeout(resolve, ms, false));
    const ended = this.#child!.exited.then(() => true);
    return await Promise.race([ended, waited]).finally(() => clearTimeout(timer));
  }

  #arrived(path: string): [number, Invocation] {
    this.#measure();
    this.#idleLooks = 0;
    const record = { path, arrivedMs: this.#age(), status: null, wallMs: 0, cpuMs: 0 };
    const number = this.#record.invocations.push(record);
    const invocation = { record, answered: false, pending: 0, idleLooks: 0 };
    this.#open.set(number, invocation);
    return [number, invocation];
  }

  #started(child: Child): void {
    this.#child = child;
    this.#record.pid = child.pid;
  }

  #heard(line: string): void {
    if (line.startsWith(PENDING)) this.#heardPending(line.slice(PENDING.length));
    else this.#settings.say(line);
    // V8 itself ends the process when its heap is full.
    if (/heap out of memory|Reached heap limit/i.test(line)) this.#ending ??= "memory";
  }

  #heardPending(said: string): void {
    const [number, pending] = said.split(" ").map(Number);
    const invocation = this.#open.get(number);
    if (invocation) invocation.pending = pending;
    else if (pending > 0) this.#late.set(number, pending);
    else this.#late.delete(number);
  }

  #age(): number {
    return Math.round(performance.now() - this.#startedMs);
  }

  #measure(): void {
    const { bare } = this.#settings;
    const usage = bare && this.#child && !this.#gone ? processUsage(this.#child.pid) : null;
    const record = this.#record;
    record.wallMs = this.#age();
    const open = [...this.#open.values()];
    if (bare !== null && usage !== null) {
      const cpuMs = Math.max(record.cpuMs, usage.cpuMs - bare.cpuMs);
      // CPU is only known for the process. Earlier invocations mostly wait, so the last is charged.
      const last = (open.findLast(({ pending }) => pending > 0) ?? open.at(-1))?.record;
      if (last) last.cpuMs += cpuMs - record.cpuMs;
      record.cpuMs = cpuMs;
      record.peakBytes = Math.max(0, usage.peakBytes - bare.residentBytes);
    }
    for (const { record: invocation } of open) invocation.wallMs = record.wallMs - invocation.arrivedMs;
  }

  #look(): void {
    this.#measure();
    this.#countIdleLooks();
    const { limits, say } = this.#settings;
    if (this.#ending !== undefined) return;
    for (const { action, limit, figures } of limits === null ? [] : stepsDue(this.#record, limits)) {
      if (this.#done.has(`${action} ${limit}`)) continue;
      this.#done.add(`${action} ${limit}`);
      if (action === "retire" && this.#record.retired === null) {
        this.retire(limit);
        say(`retired (${limit}): ${figures}; it gets no new requests`);
      } else if (action === "warn") {
        this.#warn(limit);
        say(`warned (${limit}): beforeunload after ${figures}`);
      } else if (action === "kill") {
        say(`killed (${limit}): ${figures}`);
        return this.#kill(limit);
      }
    }
    if (this.#record.retired !== null && this.#idleLooks === 1) this.#warn("early_drop");
    if (this.#record.retired !== null && this.#idleLooks > EARLY_DROP_LOOKS) this.#kill("early_drop");
  }

  #isBusy(): boolean {
    return this.#late.size > 0 || this.#open.size > 0;
  }

  #countIdleLooks(): void {
    for (const [number, invocation] of this.#open) {
      invocation.idleLooks = invocation.answered && invocation.pending === 0 ? invocation.idleLooks + 1 : 0;
      if (invocation.idleLooks >= IDLE_LOOKS) this.#open.delete(number);
    }
    this.#idleLooks = this.#isBusy() ? 0 : this.#idleLooks + 1;
  }

  /** Dispatches `beforeunload` in the worker, which a busy thread notices only later. */
  #warn(reason: string): void {
    this.#child?.send(UNLOAD + reason);
  }

  #kill(reason: WorkerEnd): void {
    this.#ending ??= reason;
    this.#child?.stop();
  }
}

function overLimit(): Response {
  return Response.json({
    code: "WORKER_LIMIT",
    message: "Function failed due to not having enough compute resources (please check logs)",
  }, { status: 546 });
}

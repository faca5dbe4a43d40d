import { TextLineStream } from "./text_lines.ts";

export interface ChildOptions {
  /** Printed before each line of the process's output, and in errors. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** When true, the process gets only the variables in `env`. */
  readonly clearEnv?: boolean;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** The signal that asks the process to end; SIGTERM if absent. */
  readonly stopSignal?: Deno.Signal;
  /** When true, `send` writes to the process's standard input. */
  readonly listens?: boolean;
  /** Milliseconds after which a stopping process is killed; 10,000 if absent. */
  readonly stopTimeoutMs?: number;
  /** Receives every line of standard output and standard error. */
  readonly onLine?: (line: string) => void;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Settles when the process has ended for any reason and its output is read. Never rejects. */
  readonly exited: Promise<Deno.CommandStatus>;
  /** Writes a line to the process's standard input. Does nothing when the process has ended or does not listen. */
  send(line: string): Promise<void>;
  /** The last lines that the process wrote, oldest first. */
  tail(): readonly string[];
  /** Asks the process to end, kills it after the time limit, and waits for its end. May be repeated. */
  stop(): Promise<void>;
}

const TAIL_LINES = 60;

/**
 * Starts a process that cannot outlive this one: a shell waits on a pipe that only this process holds. When this
 * process dies, even by SIGKILL, the pipe closes and the shell signals the child. Throws what `Deno.Command.spawn`
 * throws.
 */
export function startChild(options: ChildOptions): Child {
  const stopSignal = options.stopSignal ?? "SIGTERM";
  const process = new Deno.Command(options.command, {
    args: [...options.args],
    env: options.env,
    clearEnv: options.clearEnv,
    cwd: options.cwd,
    uid: options.uid,
    gid: options.gid,
    stdin: options.listens ? "piped" : "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const input = options.listens ? process.stdin.getWriter() : undefined;
  const guard = startGuard(process.pid, stopSignal);

  const tail: string[] = [];
  const read = async (stream: ReadableStream<Uint8Array>) => {
    for await (const line of stream.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())) {
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      options.onLine?.(line);
    }
  };
  const output = Promise.all([read(process.stdout), read(process.stderr)]);
  const exited = (async () => {
    const status = await process.status;
    await guard.release();
    await output;
    await input?.close().catch(ignoreBrokenPipe);
    return status;
  })();

  let running = true;
  exited.finally(() => running = false);
  const signal = (name: Deno.Signal) => {
    try {
      if (running) process.kill(name);
    } catch (error) {
      // The process ended between the check and the call, which is what was wanted.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  };
  const stop = async () => {
    signal(stopSignal);
    const timer = setTimeout(() => signal("SIGKILL"), options.stopTimeoutMs ?? 10_000);
    await exited;
    clearTimeout(timer);
  };
  const send = async (line: string) => {
    if (running) await input?.write(new TextEncoder().encode(`${line}\n`)).catch(ignoreBrokenPipe);
  };
  return { name: options.name, pid: process.pid, exited, send, tail: () => tail, stop };
}

/** A process that has ended does not read; `exited` reports its end. */
function ignoreBrokenPipe(error: unknown): void {
  if (!(error instanceof Deno.errors.BrokenPipe || error instanceof TypeError)) throw error;
}

/** The shell ignores the terminal's signals, since it must outlive this process for a moment. */
function startGuard(pid: number, signal: Deno.Signal): { release(): Promise<void> } {
  const script = `trap '' INT TERM HUP; if read -r word; then exit 0; fi; kill -${signal.slice(3)} ${pid}`;
  const guard = new Deno.Command("sh", {
    args: ["-c", script],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const release = async () => {
    const writer = guard.stdin.getWriter();
    await writer.write(new TextEncoder().encode("done\n"));
    await writer.close();
    await guard.status;
  };
  return { release };
}

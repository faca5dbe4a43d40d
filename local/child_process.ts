import { TextLineStream } from "./text_lines.ts";

export interface ChildOptions {
  /** Shown before each line of its output, and in errors. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** True: it sees no variable but those of `env`. */
  readonly clearEnv?: boolean;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** The signal that asks it to end; SIGTERM if absent. */
  readonly stopSignal?: Deno.Signal;
  /** True: `send` reaches its standard input. */
  readonly listens?: boolean;
  /** How long it may take to end before it is killed; 10,000 if absent. */
  readonly stopTimeoutMs?: number;
  /** Receives every line of standard output and standard error. */
  readonly onLine?: (line: string) => void;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Settles when the process has ended and its output is read, whoever ended it. Never rejects. */
  readonly exited: Promise<Deno.CommandStatus>;
  /** Writes a line to its standard input; to one that is gone or does not listen, nothing. */
  send(line: string): Promise<void>;
  /** The last lines it wrote, oldest first. */
  tail(): readonly string[];
  /** Asks it to end, kills it after the time limit, and waits until it is gone. May be repeated. */
  stop(): Promise<void>;
}

const TAIL_LINES = 60;

/**
 * Starts a process that cannot outlive this one. A tiny shell waits on a pipe that only we hold: when we die, by
 * SIGKILL too, the pipe closes and the shell signals the child. Throws what `Deno.Command.spawn` throws.
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
      // It ended between the check and the call: that is what was wanted.
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

/** Whoever has ended does not read: the end itself is told by `exited`. */
function ignoreBrokenPipe(error: unknown): void {
  if (!(error instanceof Deno.errors.BrokenPipe || error instanceof TypeError)) throw error;
}

/** The shell ignores the terminal's signals: it has to outlive us for a moment. */
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

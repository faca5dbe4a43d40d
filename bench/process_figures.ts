/** The kernel's figures of a process, which neither trust nor slow down anything in it. */
export interface ProcessFigures {
  /** Largest memory that the process ever held (VmHWM). */
  readonly peakBytes: number;
  /** User and system time. */
  readonly cpuSeconds: number;
}

/** Clock ticks a second on every Linux that Deno runs on. */
const TICKS_PER_SECOND = 100;

export async function processFigures(pid: number): Promise<ProcessFigures> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The name in parentheses may hold spaces; utime and stime are the 12th and 13th fields after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    peakBytes: Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024,
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
  };
}

/** The process that runs an edge function of the local stack. */
export async function processOf(functionName: string): Promise<number> {
  for await (const entry of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(entry.name)) continue;
    const command = await Deno.readTextFile(`/proc/${entry.name}/cmdline`).catch(() => "");
    const args = command.split("\0");
    if (
      args[0].endsWith("deno") && args.some((arg) => arg.endsWith("function_worker.ts")) && args.includes(functionName)
    ) {
      return Number(entry.name);
    }
  }
  throw new Error(`no process runs ${functionName}`);
}

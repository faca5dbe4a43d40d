/** What the kernel says a process has taken: nothing inside of it has to be trusted, and nothing there is slowed down. */
export interface ProcessUsage {
  /** User and system time of all its threads, in steps of 10 ms. */
  readonly cpuMs: number;
  /** Memory it holds now (VmRSS). */
  readonly residentBytes: number;
  /** Most memory it ever held (VmHWM). */
  readonly peakBytes: number;
}

/** The kernel counts 100 ticks a second on every Linux that Deno runs on. */
const MS_PER_TICK = 10;

/** Null when the process is gone, or where there is no `/proc` to ask. Waits for nothing: a sampler must not be overtaken. */
export function processUsage(pid: number): ProcessUsage | null {
  let stat: string;
  let status: string;
  try {
    stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    status = Deno.readTextFileSync(`/proc/${pid}/status`);
  } catch (error) {
    // ESRCH, which has no class of its own: it ended between opening and reading.
    if (error instanceof Deno.errors.NotFound || /os error 3\b/.test(String(error))) return null;
    throw error;
  }
  // The name in parentheses may hold spaces; utime and stime are the 12th and 13th fields after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024;
  const peakBytes = bytes("VmHWM");
  // A process that is ending has given its memory back already.
  if (Number.isNaN(peakBytes)) return null;
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK,
    residentBytes: bytes("VmRSS"),
    peakBytes,
  };
}

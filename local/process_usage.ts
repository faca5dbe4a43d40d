/** The kernel's figures of a process, which neither trust nor slow down anything in it. */
export interface ProcessUsage {
  /**
   * User and system time, in steps of 10 ms, without V8's own threads, which compile and collect garbage: the platform
   * counts only the thread of the isolate.
   * https://github.com/supabase/edge-runtime/blob/main/crates/cpu_timer/src/lib.rs (CLOCK_THREAD_CPUTIME_ID)
   */
  readonly cpuMs: number;
  /** Present memory (VmRSS). */
  readonly residentBytes: number;
  /** Largest memory that the process ever held (VmHWM). */
  readonly peakBytes: number;
}

/** The kernel counts 100 ticks a second on every Linux that Deno runs on. */
const MS_PER_TICK = 10;
/** Names of V8's threads, which live as long as the process. */
const OF_V8 = /^V8 /;

/** Null when the process has ended or without `/proc`. Synchronous, so that measurements cannot overtake each other. */
export function processUsage(pid: number): ProcessUsage | null {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024;
    const peakBytes = bytes("VmHWM");
    // A process that is ending has freed its memory already.
    if (Number.isNaN(peakBytes)) return null;
    // Threads are read first, so that CPU used between the two readings is counted and not subtracted.
    const beside = threads(pid).filter(({ name }) => OF_V8.test(name)).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
    const cpuMs = readStat(`/proc/${pid}/stat`).cpuMs - beside;
    return { cpuMs, residentBytes: bytes("VmRSS"), peakBytes };
  } catch (error) {
    // ESRCH, which has no error class: the process ended between opening and reading.
    if (error instanceof Deno.errors.NotFound || /os error 3\b/.test(String(error))) return null;
    throw error;
  }
}

function threads(pid: number): { readonly name: string; readonly cpuMs: number }[] {
  return [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => readStat(`/proc/${pid}/task/${name}/stat`));
}

/** The name in parentheses may hold spaces; utime and stime are the 12th and 13th fields after it. */
function readStat(path: string): { readonly name: string; readonly cpuMs: number } {
  const stat = Deno.readTextFileSync(path);
  const end = stat.lastIndexOf(")");
  const fields = stat.slice(end + 2).split(" ");
  return {
    name: stat.slice(stat.indexOf("(") + 1, end),
    cpuMs: (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK,
  };
}

import { processFigures } from "./process_figures.ts";

/** A process and all processes below it at this moment. */
export async function processTree(root: number): Promise<number[]> {
  const found = [root];
  for (const pid of found) {
    // A process that has ended meanwhile has no children.
    const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`).catch(() => "");
    found.push(...children.split(" ").filter(Boolean).map(Number));
    // Deno starts processes from any of its threads.
    for await (const thread of threads(pid)) {
      if (thread === pid) continue;
      const more = await Deno.readTextFile(`/proc/${pid}/task/${thread}/children`).catch(() => "");
      found.push(...more.split(" ").filter(Boolean).map(Number));
    }
  }
  return found;
}

async function* threads(pid: number): AsyncGenerator<number> {
  try {
    for await (const entry of Deno.readDir(`/proc/${pid}/task`)) yield Number(entry.name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

export async function commandLine(pid: number): Promise<string> {
  return (await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "")).replaceAll("\0", " ");
}

export interface WatchedFigures {
  /** CPU of all processes, as last measured: up to one interval of each is missed. */
  readonly cpuSeconds: number;
  /** Peak of the largest process. */
  readonly peakBytes: number;
  /** Sum of all peaks, as if they had been at the same time. */
  readonly peakBytesTogether: number;
  readonly processes: number;
}

const INTERVAL_MS = 100;

/** Measures the processes below `root` that `includes` accepts, until stopped. Older ones count from now on. */
export function watchProcesses(
  root: number,
  includes: (commandLine: string) => boolean = () => true,
): { stop(): Promise<WatchedFigures> } {
  const seen = new Map<number, { before: number; cpuSeconds: number; peakBytes: number }>();
  const leftOut = new Set<number>();
  let stopped = false;
  const look = async (isFirst: boolean) => {
    for (const pid of await processTree(root)) {
      if (leftOut.has(pid)) continue;
      if (!seen.has(pid) && !includes(await commandLine(pid))) {
        // A child has its parent's command line until it has started its program.
        if (isFirst) leftOut.add(pid);
        continue;
      }
      const figures = await processFigures(pid).catch(() => undefined);
      if (!figures || Number.isNaN(figures.peakBytes)) continue;
      const before = seen.get(pid)?.before ?? (isFirst ? figures.cpuSeconds : 0);
      seen.set(pid, { ...figures, before });
    }
  };
  const watching = (async () => {
    for (let isFirst = true; !stopped; isFirst = false) {
      await look(isFirst);
      await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
    }
    await look(false);
  })();
  return {
    async stop() {
      stopped = true;
      await watching;
      const all = [...seen.values()];
      return {
        cpuSeconds: all.reduce((sum, { cpuSeconds, before }) => sum + cpuSeconds - before, 0),
        peakBytes: Math.max(0, ...all.map(({ peakBytes }) => peakBytes)),
        peakBytesTogether: all.reduce((sum, { peakBytes }) => sum + peakBytes, 0),
        processes: all.filter(({ cpuSeconds, before }) => cpuSeconds > before).length,
      };
    },
  };
}

/** CPU of a server and of all processes it started, also those that ended (a PostgreSQL backend is a process). */
export async function serverCpuSeconds(root: number): Promise<number> {
  let ticks = 0;
  for (const [index, pid] of (await processTree(root)).entries()) {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
    // utime and stime; for the server itself also the times of children that it has waited for.
    ticks += (fields[11] ?? 0) + (fields[12] ?? 0) + (index === 0 ? fields[13] + fields[14] : 0);
  }
  return ticks / 100;
}

import type { Sample } from "./sample.ts";
import { serverCpuSeconds, watchProcesses } from "./process_tree.ts";

/** The servers that all tools share. */
export interface Servers {
  readonly postgresPid: number;
  readonly storePid: number;
}

export interface Measured {
  readonly sample: Sample;
  readonly stdout: string;
}

/**
 * Runs a shell command and measures it from outside: CPU by the shell's `time`, which covers every process of a
 * pipeline, and memory by the kernel. Throws with the command's output when it fails.
 */
export async function measureCommand(
  command: string,
  env: Readonly<Record<string, string>>,
  servers: Servers,
): Promise<Measured> {
  const before = await serversNow(servers);
  const startedMs = performance.now();
  const child = new Deno.Command("bash", {
    args: ["-c", `set -o pipefail; TIMEFORMAT="@@ %U %S"; time { ${command}; }`],
    env,
    // Other variables of this machine must not influence a tool.
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const watch = watchProcesses(child.pid);
  const { code, stdout, stderr } = await child.output();
  const wallSeconds = (performance.now() - startedMs) / 1000;
  const { peakBytesTogether } = await watch.stop();
  const after = await serversNow(servers);
  const said = new TextDecoder().decode(stderr);
  const answer = new TextDecoder().decode(stdout);
  if (code !== 0) {
    throw new Error(`${command}\nended with code ${code}: ${said.slice(-2_000)}\n${answer.slice(-2_000)}`);
  }
  const [, user, system] = /@@ ([\d.]+) ([\d.]+)\s*$/.exec(said)!;
  return {
    stdout: answer,
    sample: {
      wallSeconds,
      cpuSeconds: Number(user) + Number(system),
      ...since(before, after),
      peakMegabytes: peakBytesTogether / 1e6,
    },
  };
}

/** Measures processes that this one starts while `work` runs, if `includes` accepts their command line. */
export async function measureWork<Result>(
  work: () => Promise<Result>,
  includes: (commandLine: string) => boolean,
  servers: Servers,
): Promise<{ sample: Sample; result: Result; processes: number; peakBytes: number }> {
  const before = await serversNow(servers);
  const watch = watchProcesses(Deno.pid, includes);
  const startedMs = performance.now();
  const result = await work();
  const wallSeconds = (performance.now() - startedMs) / 1000;
  const { cpuSeconds, peakBytes, processes } = await watch.stop();
  const after = await serversNow(servers);
  const sample = { wallSeconds, cpuSeconds, ...since(before, after), peakMegabytes: peakBytes / 1e6 };
  return { sample, result, processes, peakBytes };
}

async function serversNow({ postgresPid, storePid }: Servers): Promise<{ database: number; store: number }> {
  return { database: await serverCpuSeconds(postgresPid), store: await serverCpuSeconds(storePid) };
}

function since(before: { database: number; store: number }, after: { database: number; store: number }) {
  return { databaseCpuSeconds: after.database - before.database, storeCpuSeconds: after.store - before.store };
}

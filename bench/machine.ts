import os from "node:os";

/** The machine on which the figures were measured; without it they mean nothing. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly system: string;
  readonly deno: string;
  /** Processes that waited for a core before the bench began. Above 0.5, wall clock times are guesses. */
  readonly loadBefore: number;
  readonly commit: string;
  readonly startedAt: string;
}

export async function describeMachine(): Promise<Machine> {
  const { stdout } = await new Deno.Command("git", { args: ["rev-parse", "--short", "HEAD"], stderr: "null" }).output();
  return {
    processor: os.cpus()[0]?.model ?? "unknown",
    cores: os.cpus().length,
    memoryGigabytes: Math.round(os.totalmem() / 1e9),
    system: `${os.type()} ${os.release()}`,
    deno: Deno.version.deno,
    loadBefore: Math.round(os.loadavg()[0] * 100) / 100,
    commit: new TextDecoder().decode(stdout).trim() || "unknown",
    startedAt: new Date().toISOString(),
  };
}

import { spawn } from "node:child_process";
import process from "node:process";
import { join } from "node:path";
import type { Mutant } from "./mutant.ts";

/** Longer than any listed test file takes beside another one. */
const LIMIT_SECONDS = 5 * 60;

export interface TestRun {
  /** `unloadable`: the changed source does not load, which shows nothing about the tests. */
  readonly outcome: "passed" | "failed" | "unloadable";
  readonly seconds: number;
  readonly tail: string;
}

type Suite = Pick<Mutant, "tests" | "filter" | "limitSeconds">;

/** Runs test files of a tree, or those tests in them whose name holds `filter`, until one fails, with their own temporary files. Ends servers that a failure left. */
export async function runTests(tree: string, mutant: Suite): Promise<TestRun> {
  const { tests, filter } = mutant;
  const temporary = await Deno.makeTempDir({ prefix: "lifeboat-mutant-run-" });
  await Deno.chmod(temporary, 0o755);
  const startedMs = Date.now();
  let text = "";
  const chosen = filter === undefined ? tests : ["--filter", filter, ...tests];
  const child = spawn(Deno.execPath(), ["test", "-A", "--no-check", "--fail-fast", ...chosen], {
    cwd: tree,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...Deno.env.toObject(), NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", TMPDIR: temporary },
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      text += data;
      // A test goes through all of its steps; the first that fails is enough.
      if (/ \.\.\. FAILED \(\d/.test(text)) end(-child.pid!, "SIGKILL");
    });
  }
  const limit = setTimeout(() => end(-child.pid!, "SIGKILL"), 1000 * (mutant.limitSeconds ?? LIMIT_SECONDS));
  const code = await new Promise<number | null>((resolve) => child.on("exit", resolve));
  clearTimeout(limit);
  end(-child.pid!, "SIGKILL");
  await endServers(temporary);
  await Deno.remove(temporary, { recursive: true }).catch(() => undefined);
  const unloadable = /SyntaxError|The module's source code could not be parsed|does not provide an export/.test(text);
  const passed = code === 0 && /[1-9]\d* passed/.test(text);
  return {
    outcome: passed ? "passed" : unloadable ? "unloadable" : "failed",
    seconds: Math.round((Date.now() - startedMs) / 1000),
    tail: text.split("\n").slice(-30).join("\n"),
  };
}

/** A negative number means a group of processes. A group that has already ended is no failure. */
function end(pid: number, signal: "SIGKILL" | "SIGQUIT"): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as { code?: string }).code !== "ESRCH") throw error;
  }
}

/** Ends PostgreSQL servers of killed tests: each leads its own process group, and its pid lies in its data folder. */
async function endServers(folder: string): Promise<void> {
  for await (const entry of Deno.readDir(folder)) {
    const file = join(folder, entry.name, "data/postmaster.pid");
    const text = await Deno.readTextFile(file).catch(() => undefined);
    if (text === undefined) continue;
    const pid = Number(text.split("\n")[0]);
    if (pid > 1) end(pid, "SIGQUIT");
  }
}

import type { FunctionName, LiveProject } from "../support/live_project.ts";

/** Adds a table that makes the dump long enough for two parts of 8 MiB. Disposing drops it. */
export async function addBallast(project: LiveProject): Promise<AsyncDisposable> {
  await project.sql(`create table public.ballast as
    select g as id, encode(extensions.gen_random_bytes(1000), 'base64') as noise from generate_series(1, 12000) g`);
  return { [Symbol.asyncDispose]: async () => void await project.sql("drop table public.ballast") };
}

/** Kills the process of an edge function, as the platform does without a warning. */
export async function killFunction(name: FunctionName): Promise<void> {
  const { stdout } = await new Deno.Command("ps", { args: ["-A", "-o", "pid=,ppid=,args="] }).output();
  const workers = new TextDecoder().decode(stdout).split("\n").map((line) => line.trim().split(/\s+/)).filter((words) =>
    words[1] === String(Deno.pid) && words.some((word) => word.endsWith("/function_worker.ts")) && words.includes(name)
  );
  if (workers.length === 0) throw new Error(`The function ${name} has no process.`);
  for (const [pid] of workers) Deno.kill(Number(pid), "SIGKILL");
}

/** Ends the leases, as a minute without heartbeats does. */
export async function letLeasesRunOut(project: LiveProject): Promise<void> {
  await project.sql("update lifeboat.leases set expires_at = clock_timestamp() where run_id is not null");
}

/** Ends the two minutes that maintenance leaves the dump's own worker to start the media run. */
export async function letGraceRunOut(project: LiveProject): Promise<void> {
  await project.sql(
    "update backup_history set finished_at = finished_at - interval '3 minutes' where status <> 'running'",
  );
}

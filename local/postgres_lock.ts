import { basename, join } from "node:path";
import { LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";

/**
 * Checks the lock file that a running or crashed server leaves in its data directory. PostgreSQL itself recovers when
 * the process named in it has ended, but not when another program has the same number since; then the file is removed.
 * Throws `data_dir_in_use` when a server runs on the directory.
 */
export async function clearStaleLock(dataDir: string): Promise<void> {
  const path = join(dataDir, "postmaster.pid");
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  const [pid, , , port] = text.split("\n");
  const program = await programOf(Number(pid));
  if (program !== "postgres") {
    if (program !== "") await Deno.remove(path);
    return;
  }
  throw new LifeboatError({
    code: "data_dir_in_use",
    kind: "conflict",
    message: `A PostgreSQL server (process ${pid}, port ${port}) is running on the data directory ${dataDir}.`,
    hint: "Stop the local stack that it belongs to, end that process, or set LIFEBOAT_DATA_DIR to another folder.",
    operation: "local.postgres",
    subject: dataDir,
  });
}

/** The file name of the program that a process runs; empty without such a process. */
async function programOf(pid: number): Promise<string> {
  if (!Number.isInteger(pid) || pid <= 0) return "";
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "comm=", "-p", String(pid)] }).output();
  return basename(new TextDecoder().decode(stdout).trim());
}

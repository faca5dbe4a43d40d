import { spawn } from "node:child_process";
import process from "node:process";
import { LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";
import type { FurtherCheck } from "../supabase/functions/_shared/engine/drill/mod.ts";

/** A failed check is reported with the last characters of its output. */
const MOST_SAID = 500;

/**
 * A check by the owner: a shell command that passes when it exits with 0. It gets the restored database's address as
 * `RESTORED_DB_URL`, for example to start an Auth API on it and log in.
 */
export function ownCheck(command: string, serverUrl: string): FurtherCheck {
  return {
    name: command,
    async run({ name }, signal) {
      const url = new URL(serverUrl);
      url.pathname = `/${encodeURIComponent(name)}`;
      const { code, said } = await runShell(command, { ...process.env, RESTORED_DB_URL: url.href }, signal);
      if (code === 0) return;
      throw new LifeboatError({
        code: "drill_check_failed",
        kind: "permanent",
        message: `It ended with exit code ${code}. ${said.trim().slice(-MOST_SAID)}`.trim(),
        hint: "Run the command by hand against a restored database.",
        operation: "drill.check",
      });
    },
  };
}

function runShell(command: string, env: NodeJS.ProcessEnv, signal: AbortSignal) {
  return new Promise<{ code: number | null; said: string }>((resolve, reject) => {
    const child = spawn("/bin/sh", ["-c", command], { env, signal, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    const hear = (text: string) => said = (said + text).slice(-2 * MOST_SAID);
    child.stdout.setEncoding("utf8").on("data", hear);
    child.stderr.setEncoding("utf8").on("data", hear);
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, said }));
  });
}

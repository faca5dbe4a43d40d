import { fileURLToPath } from "node:url";
import { denoPath } from "../../scripts/deno.mjs";

const main = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Starts the real command as a process of its own, with no other settings than these. */
export function startCommand(args: readonly string[], env: Readonly<Record<string, string>>): Deno.ChildProcess {
  return new Deno.Command(denoPath(), {
    args: ["run", "-A", main, ...args],
    // No .env lies in this folder.
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "", HOME: Deno.env.get("HOME") ?? "", NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

export async function lifeboat(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Said> {
  const { code, stdout, stderr } = await startCommand(args, env).output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

/** The one JSON document that `--json` promises. Fails with the command's output when it printed something else. */
// deno-lint-ignore no-explicit-any -- what a script that calls the command sees: JSON of no declared type.
export function jsonOf({ out, err }: Said): any {
  try {
    return JSON.parse(out);
  } catch (cause) {
    throw new Error(`not JSON: ${out}\n${err}`, { cause });
  }
}

import { fileURLToPath } from "node:url";
import { functionEnvironment, type StackDetails } from "../../local/stack_details.ts";
import { denoPath } from "../../scripts/deno.mjs";

const commandLine = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

/** Drills the newest recovery point on the command line, as owners do. Throws with what it said. */
export async function drillOnCommandLine(details: StackDetails): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(denoPath(), {
    args: ["run", "-A", "--no-check", commandLine, "drill"],
    env: functionEnvironment(details),
  }).output();
  const decoder = new TextDecoder();
  if (code !== 0) throw new Error(decoder.decode(stdout) + decoder.decode(stderr));
}

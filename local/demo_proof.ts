import { fileURLToPath } from "node:url";
import { fail } from "./demo_failed.ts";
import { functionEnvironment, type StackDetails } from "./stack_details.ts";

/** Queries that the sample project's owner would run on a restored database. */
const DRILL_QUERIES = [
  "select count(*) > 0 from bookings",
  "select bool_and(fee = round(total * 0.10, 2)) from bookings",
];

/** Verifies every stored byte and restores into a scratch database, with the commands that a person would type. */
export async function proveIt(details: StackDetails, folder: string): Promise<void> {
  const environment = { ...functionEnvironment(details), BACKUP_DRILL_QUERIES: JSON.stringify(DRILL_QUERIES) };
  console.log("\nIs what was stored still whole? Every byte is read back from S3.");
  await runCommand(["verify", "--deep"], environment, folder);
  console.log("\nDoes it come back? It is restored into a scratch database, compared, used, and dropped again.");
  await runCommand(["drill"], environment, folder);
}

/** Runs without this shell's own settings and away from `.env`, which may belong to a real project. */
async function runCommand(args: readonly string[], settings: Record<string, string>, folder: string): Promise<void> {
  console.log(`\n$ npm run lifeboat -- ${args.join(" ")}`);
  const kept = ["PATH", "HOME", "DENO_DIR", "TMPDIR", "TERM", "NO_COLOR"];
  const inherited = kept.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", fileURLToPath(new URL("../cli/main.ts", import.meta.url)), ...args],
    cwd: folder,
    clearEnv: true,
    env: { ...Object.fromEntries(inherited), ...settings },
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (code !== 0) fail(`\`lifeboat ${args[0]}\` ended with exit code ${code}.`);
}

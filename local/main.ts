import { fileURLToPath } from "node:url";
import { asLifeboatError } from "../supabase/functions/_shared/engine/errors.ts";
import { runDemo } from "./demo.ts";
import { startStack } from "./stack.ts";
import { DEFAULT_PORT_BASE } from "./stack_ports.ts";

/** Settles when somebody asks the process to end. */
function endRequested(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      Deno.addSignalListener(signal, () => resolve(signal));
    }
  });
}

async function start(): Promise<number> {
  const ending = endRequested();
  const base = Number(Deno.env.get("LIFEBOAT_PORT_BASE") || DEFAULT_PORT_BASE);
  if (!Number.isInteger(base) || base < 1024 || base > 65_000) {
    console.error("LIFEBOAT_PORT_BASE has to be a number from 1024 to 65000: six ports from it on are used.");
    return 1;
  }
  const dataDir = Deno.env.get("LIFEBOAT_DATA_DIR") || fileURLToPath(new URL("../.local", import.meta.url));
  const quiet = new Set(["postgres", "s3", "supabase api", "admin page"]);
  console.log(`Starting the local stack; its data is kept in ${dataDir}.`);
  const stack = await startStack({
    portBase: base,
    dataDir,
    adminPage: true,
    // Functions as `npm run build:functions` makes them, for example.
    functionsDir: Deno.env.get("LIFEBOAT_FUNCTIONS_DIR") || undefined,
    onLine: (part, line) => {
      if (!quiet.has(part)) console.log(`[${part}] ${line}`);
    },
  });
  console.log(Object.entries(stack.details).map(([name, value]) => `  ${name.padEnd(18)} ${value}`).join("\n"));
  const { adminUrl, adminEmail, adminPassword } = stack.details;
  console.log(`\nOpen ${adminUrl} and sign in as ${adminEmail}, password ${adminPassword}.`);
  console.log("Ready. Ctrl-C stops it.");

  const broken = stack.broken.then(async (part) => {
    // Ctrl-C in a terminal also reaches the parts, which may end before this process has noticed it.
    await new Promise((resolve) => setTimeout(resolve, 300));
    return part;
  });
  const reason = await Promise.race([
    ending.then(() => null),
    broken.then((part) => Promise.race([ending.then(() => null), part])),
  ]);
  if (reason !== null) console.error(`The part "${reason}" ended by itself; stopping the others.`);
  await stack.stop();
  console.log("Stopped.");
  return reason === null ? 0 : 1;
}

const commands: Readonly<Record<string, () => Promise<number>>> = { start, demo: () => runDemo(endRequested()) };
const command = commands[Deno.args[0]];
if (command === undefined) {
  console.error("Usage: main.ts start|demo");
  Deno.exit(2);
}
try {
  Deno.exit(await command());
} catch (error) {
  const failure = asLifeboatError(error, "local");
  console.error(`${failure.message}\n${failure.hint} (${failure.code})`);
  Deno.exit(1);
}

import { Command, CommanderError } from "@commander-js/extra-typings";
import process from "node:process";
import description from "../package.json" with { type: "json" };
import { adopt } from "./commands/adopt.ts";
import { backup } from "./commands/backup.ts";
import { doctor } from "./commands/doctor.ts";
import { drill } from "./commands/drill.ts";
import { install } from "./commands/install.ts";
import { list } from "./commands/list.ts";
import { media } from "./commands/media.ts";
import { restore } from "./commands/restore.ts";
import { show } from "./commands/show.ts";
import { verify } from "./commands/verify.ts";
import { EXIT_CODES } from "./exit_code.ts";

const program = new Command("lifeboat")
  .description("Disaster recovery for a Supabase project: its database and files in a bucket of your own.")
  .usage("<command> [options]")
  .version(description.version)
  .enablePositionalOptions()
  .exitOverride()
  .addHelpText(
    "after",
    `
Settings come from flags, the environment and .env, in this order; docs/CONFIGURATION.md lists them. A flag can be
read by other users of the machine: keep secrets in the environment or in .env.
For machines: npm run --silent lifeboat -- <command> --json
Exit codes: 0 done, 1 failed, 2 wrong flags or settings, 3 partial, 4 another run is at work, 5 damaged backup.`,
  );
const groups = {
  "Set up:": [install, doctor, adopt],
  "Back up:": [backup, media],
  "Look:": [list, show],
  "Prove:": [verify, drill],
  "Bring back:": [restore],
};
for (const [title, commands] of Object.entries(groups)) {
  for (const command of commands) program.addCommand(command.helpGroup(title));
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // A request for help is no mistake.
  process.exitCode = error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage;
}
// Idle connections would keep the process alive for seconds.
process.exit();

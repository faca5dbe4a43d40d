import { ACCESS_VARIABLES, BACKUP_VARIABLES, type Variables } from "./variables.ts";

/** The mark before the table of variables in docs/CONFIGURATION.md. */
export const VARIABLES_TABLE_START = "<!-- variables: start -->";
export const VARIABLES_TABLE_END = "<!-- variables: end -->";

const ALL_VARIABLES: Variables = { ...BACKUP_VARIABLES, ...ACCESS_VARIABLES };
const isReserved = (name: string) => name.startsWith("SUPABASE_");
const OWNERS_VARIABLES = Object.entries(ALL_VARIABLES).filter(([name]) => !isReserved(name));
const PLATFORM_VARIABLES = Object.entries(ALL_VARIABLES).filter(([name]) => isReserved(name));

type Entries = typeof OWNERS_VARIABLES;

function rows(variables: Entries): string {
  const lines = variables.map(([name, { without, description }]) =>
    `| \`${name}\` | ${description.replaceAll("|", "\\|")} | ${without === "required" ? "**required**" : without} |`
  );
  return ["| variable | what it is | without it |", "|---|---|---|", ...lines].join("\n");
}

/** The tables of docs/CONFIGURATION.md, as they stand between their marks. */
export function configurationTables(): string {
  return [
    VARIABLES_TABLE_START,
    "",
    "## What you set",
    "",
    rows(OWNERS_VARIABLES),
    "",
    "## What the platform sets",
    "",
    "Names that start with `SUPABASE_` are reserved: a hosted project sets them, and only the command line and containers need them from you.",
    "",
    rows(PLATFORM_VARIABLES),
    "",
    VARIABLES_TABLE_END,
  ].join("\n");
}

/** docs/CONFIGURATION.md with its tables brought up to date. */
export function withConfigurationTables(document: string): string {
  const [before, rest] = document.split(VARIABLES_TABLE_START);
  const after = rest?.split(VARIABLES_TABLE_END)[1];
  if (after === undefined) throw new Error("docs/CONFIGURATION.md has lost the marks between which its tables stand.");
  return before + configurationTables() + after;
}

/** The text of `.env.example`: required variables with an empty value, the others commented out. */
export function environmentExample(): string {
  const lines = (variables: Entries) =>
    variables.flatMap(([name, { without, description }]) => [
      `# ${description} ${without === "required" ? "Required." : `Without it: ${without}.`}`.replaceAll("`", ""),
      without === "required" && !isReserved(name) ? `${name}=` : `# ${name}=`,
    ]);
  return [
    "# Settings of Lifeboat, one line of explanation each; docs/CONFIGURATION.md says more.",
    "# Hosted: supabase secrets set --env-file .env. Empty values count as absent.",
    "",
    ...lines(OWNERS_VARIABLES),
    "",
    "# Set by the platform on a hosted project. The command line needs them from you.",
    "",
    ...lines(PLATFORM_VARIABLES),
    "",
  ].join("\n");
}

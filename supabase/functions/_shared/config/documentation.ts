import { accessVariables, backupVariables, type Variables } from "./variables.ts";

/** The mark before the table of variables in docs/CONFIGURATION.md. */
export const tableStart = "<!-- variables: start -->";
export const tableEnd = "<!-- variables: end -->";

const all: Variables = { ...backupVariables, ...accessVariables };
const isReserved = (name: string) => name.startsWith("SUPABASE_");
const ownersVariables = Object.entries(all).filter(([name]) => !isReserved(name));
const platformVariables = Object.entries(all).filter(([name]) => isReserved(name));

type Entries = typeof ownersVariables;

function rows(variables: Entries): string {
  const lines = variables.map(([name, { without, description }]) =>
    `| \`${name}\` | ${description.replaceAll("|", "\\|")} | ${without === "required" ? "**required**" : without} |`
  );
  return ["| variable | what it is | without it |", "|---|---|---|", ...lines].join("\n");
}

/** The tables of docs/CONFIGURATION.md, as they stand between their marks. */
export function configurationTables(): string {
  return [
    tableStart,
    "",
    "## What you set",
    "",
    rows(ownersVariables),
    "",
    "## What the platform sets",
    "",
    "Names that start with `SUPABASE_` are reserved: a hosted project sets them, and only the command line and containers need them from you.",
    "",
    rows(platformVariables),
    "",
    tableEnd,
  ].join("\n");
}

/** docs/CONFIGURATION.md with its tables brought up to date. */
export function withConfigurationTables(document: string): string {
  const [before, rest] = document.split(tableStart);
  const after = rest?.split(tableEnd)[1];
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
    ...lines(ownersVariables),
    "",
    "# Set by the platform on a hosted project. The command line needs them from you.",
    "",
    ...lines(platformVariables),
    "",
  ].join("\n");
}

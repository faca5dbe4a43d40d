import { match, strictEqual } from "node:assert/strict";
import { environmentExample, withConfigurationTables } from "./documentation.ts";
import { ACCESS_VARIABLES, BACKUP_VARIABLES } from "./variables.ts";

const root = new URL("../../../../", import.meta.url);

Deno.test("docs/CONFIGURATION.md describes the variables that are read, as they are", async () => {
  const document = await Deno.readTextFile(new URL("docs/CONFIGURATION.md", root));
  strictEqual(document, withConfigurationTables(document), "Run npm run generate.");
});

Deno.test(".env.example holds every variable that is read", async () => {
  strictEqual(await Deno.readTextFile(new URL(".env.example", root)), environmentExample(), "Run npm run generate.");
});

Deno.test("every variable is explained in one sentence at least, on one line", () => {
  for (const { description, without } of Object.values({ ...ACCESS_VARIABLES, ...BACKUP_VARIABLES })) {
    match(description, /^[^\n]{5,}[.`*]$/);
    match(without, /^[^\n]+[^.]$/);
  }
});

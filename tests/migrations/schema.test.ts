import { strictEqual } from "node:assert/strict";
import { reasonWithoutSchema } from "../support/lifeboat_schema.ts";
import { POSTGRES_15, reasonToSkip } from "../support/postgres.ts";
import { installedSchema } from "./installed_schema.ts";

const committed = new URL("schema.sql", import.meta.url);

for (const version of [15, 18] as const) {
  const reason = reasonWithoutSchema ?? reasonToSkip(version);
  Deno.test({
    name: `a new installation on PostgreSQL ${version} has the schema of schema.sql${
      reason === null ? "" : `: ${reason}`
    }`,
    ignore: reason !== null,
    async fn() {
      const present = await installedSchema(version === 15 ? POSTGRES_15 : undefined);
      strictEqual(present, await Deno.readTextFile(committed), "Read the difference; if it is meant: npm run schema");
    },
  });
}

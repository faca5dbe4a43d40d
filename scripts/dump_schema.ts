// Writes tests/migrations/schema.sql, with which a test compares what the migrations make. It needs a PostgreSQL server,
// which `npm run generate` must not, and pg_dump 18 (scripts/install_pg_dump_18.sh).
import { installedSchema } from "../tests/migrations/installed_schema.ts";

await Deno.writeTextFile(new URL("../tests/migrations/schema.sql", import.meta.url), await installedSchema());

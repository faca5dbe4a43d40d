import assert from "node:assert/strict";
import type { SchemaStatement } from "../../supabase/functions/_shared/engine/format/schema_statement.ts";
import { reasonToSkip, runSql, SHARED_SERVERS, stopServersAtTheEnd } from "../support/postgres.ts";
import { difference, emptyTarget, exportOf, psql, RICH_SCHEMAS, richDatabase, scriptOf } from "./round_trip.ts";

Deno.test({
  ...SHARED_SERVERS,
  name: "a schema of PostgreSQL 15 is rebuilt on 18, with roles that were not there",
  ignore: reasonToSkip(15) !== null,
  async fn() {
    const { statements } = await exportOf((await richDatabase(15)).superuserUrl, RICH_SCHEMAS);
    const target = await emptyTarget(18);
    await psql(target.superuserUrl, scriptOf(statements, "pre-data", "post-data", "foreign-keys", "activation"));
    const roles = await runSql<{ rolname: string; rolcanlogin: boolean }>(
      target.superuserUrl,
      "select rolname, rolcanlogin from pg_roles where rolname in ('App Owner', 'app_reader', 'app_writer') order by 1",
    );
    assert.deepEqual(roles.map(({ rolname, rolcanlogin }) => [rolname, rolcanlogin]), [
      ["App Owner", false],
      ["app_reader", false],
      ["app_writer", false],
    ]);
    const copied = await exportOf(target.superuserUrl, RICH_SCHEMAS);
    // PostgreSQL 18 writes views in fewer words, and has not-null constraints, which 15 does not know.
    const names = (all: readonly SchemaStatement[]) => all.map(({ kind, identity }) => `${kind} ${identity}`);
    assert.deepEqual(difference(names(statements), names(copied.statements)), []);
    assert.deepEqual(difference(names(copied.statements), names(statements)), [
      "domain constraint email_not_null on app.email",
    ]);
  },
});

stopServersAtTheEnd();

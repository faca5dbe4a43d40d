import assert from "node:assert/strict";
import { armRestore } from "../../supabase/functions/_shared/engine/restore/mod.ts";
import { onServer, RestoreStage, schemaOf } from "../restore/stage.ts";
import {
  difference,
  emptyTarget,
  objectsOf,
  pgDump,
  reasonWithoutPgDump,
  RICH_SCHEMAS,
  richDatabase,
} from "../schema/round_trip.ts";
import { reasonToSkip, runSql, type TestDatabase } from "../support/postgres.ts";

/** Everything a schema can hold belongs to the superuser who made it. */
const asSuperuser = (database: TestDatabase): TestDatabase => ({ ...database, url: database.superuserUrl });

for (const version of [15, 18] as const) {
  const reason = reasonToSkip(version) ?? reasonWithoutPgDump(version);
  Deno.test({
    name: `a rich project is the same to pg_dump ${version} after a restore${onServer}${reason ? `: ${reason}` : ""}`,
    ignore: reason !== null,
    async fn() {
      await using stage = await RestoreStage.start();
      const source = asSuperuser(await richDatabase(version));
      const point = await stage.backUp(source, { schemas: RICH_SCHEMAS });
      // Its roles are made by the preamble; what webhooks call is the platform's.
      const target = asSuperuser(await emptyTarget(version));
      const report = await stage.restore(target, { point });
      assert.deepEqual(report.problems, []);
      assert.deepEqual((await armRestore(stage.dependencies(target))).restricted, []);
      assert.deepEqual(await schemaOf(target, RICH_SCHEMAS), await schemaOf(source, RICH_SCHEMAS));

      const before = objectsOf(await pgDump(version, source.url, "--schema-only")).filter(isExpected);
      const after = objectsOf(await pgDump(version, target.url, "--schema-only")).filter(isExpected);
      assert.ok(before.length > 250, `pg_dump found ${before.length} objects only`);
      assert.deepEqual([difference(before, after), difference(after, before)], [[], []]);

      const tables = await runSql<{ name: string }>(
        source.url,
        `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind = 'r' and n.nspname in (${RICH_SCHEMAS.map((schema) => `'${schema}'`).join(", ")})`,
      );
      assert.ok(tables.length > 10);
      for (const { name } of tables) {
        const [one, other] = await Promise.all([source, target].map(({ url }) => copyOut(url, name)));
        assert.equal(other, one, name);
      }
    },
  });
}

/** What differs on purpose. */
function isExpected(object: string): boolean {
  // The restore's own memory, and the platform's tables, of which only those in the backup are made.
  if (/lifeboat_restore|; Schema: (auth|storage|supabase_functions)/.test(object)) return false;
  // A schema that is not among those to back up.
  if (object.startsWith("private; Type: SCHEMA;")) return false;
  // Secrets are replaced in the backup.
  return !/api_key|password|sb_secret_|<secret removed/.test(object);
}

/** The rows as COPY writes them, sorted. */
async function copyOut(url: string, name: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("/usr/lib/postgresql/15/bin/psql", {
    args: ["-X", "-q", "-d", url, "-c", `copy (select t.* from only ${name} t) to stdout`],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).split("\n").sort().join("\n");
}

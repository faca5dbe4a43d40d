import assert from "node:assert/strict";
import { armRestore } from "../../supabase/functions/_shared/engine/restore/mod.ts";
import { onServer, RestoreStage, schemaOf } from "../restore/stage.ts";
import { emptyTarget, pgDumpDifference, RICH_SCHEMAS, richDatabase } from "../schema/round_trip.ts";
import { reasonWithoutPgDump } from "../support/pg_dump.ts";
import { reasonToSkip, SHARED_SERVERS, stopServersAtTheEnd, type TestDatabase } from "../support/postgres.ts";

/** The same database, reached as the superuser who created and owns all objects of the rich schema. */
const asSuperuser = (database: TestDatabase): TestDatabase => ({ ...database, url: database.superuserUrl });

for (const version of [15, 18] as const) {
  const reason = reasonToSkip(version) ?? reasonWithoutPgDump(version);
  Deno.test({
    ...SHARED_SERVERS,
    name: `a rich project is the same to pg_dump ${version} after a restore${onServer}${reason ? `: ${reason}` : ""}`,
    ignore: reason !== null,
    async fn() {
      await using stage = await RestoreStage.start();
      const source = asSuperuser(await richDatabase(version));
      const point = await stage.backUp(source, { schemas: RICH_SCHEMAS });
      // The preamble creates the roles, and the platform provides the function that webhooks call.
      const target = asSuperuser(await emptyTarget(version));
      const report = await stage.restore(target, { point });
      assert.deepEqual(report.problems, []);
      assert.deepEqual((await armRestore(stage.dependencies(target))).restricted, []);
      assert.deepEqual(await schemaOf(target, RICH_SCHEMAS), await schemaOf(source, RICH_SCHEMAS));

      const { objects, lost, added } = await pgDumpDifference([version, version], source, target);
      assert.ok(objects > 250, `pg_dump found ${objects} objects only`);
      assert.deepEqual([lost, added], [[], []]);
    },
  });
}

stopServersAtTheEnd();

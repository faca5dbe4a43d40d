import assert from "node:assert/strict";
import fc from "fast-check";
import { armRestore } from "../../supabase/functions/_shared/engine/restore/mod.ts";
import { onServer, RestoreStage, schemaOf } from "../restore/stage.ts";
import { pgDumpDifference } from "../schema/round_trip.ts";
import { reasonWithoutPgDump } from "../support/pg_dump.ts";
import { SHARED_SERVERS, stopServersAtTheEnd } from "../support/postgres.ts";
import { generatedProject, PREFACE, SCHEMAS_PER_PROJECT } from "./generated_project.ts";

/** Restores random projects, `schemas` schemas in all, and compares them. `LIFEBOAT_SEED` repeats a run. */
export function roundTripGenerated(schemas: number): void {
  const numRuns = Math.ceil(schemas / SCHEMAS_PER_PROJECT);
  const seed = Number(Deno.env.get("LIFEBOAT_SEED") ?? Math.floor(Math.random() * 2 ** 31));
  const reason = reasonWithoutPgDump(18);
  Deno.test(
    `made-up schemas come back as they were (${numRuns * SCHEMAS_PER_PROJECT})${onServer}${
      reason ? `, compared without pg_dump: ${reason}` : ""
    }`,
    SHARED_SERVERS,
    async () => {
      console.log(`LIFEBOAT_SEED=${seed}`);
      await using stage = await RestoreStage.start();
      const result = await fc.check(
        fc.asyncProperty(generatedProject, async (project) => {
          const source = await stage.source(18, [PREFACE, ...project.map(({ sql }) => sql)].join("\n"));
          const target = await stage.empty(18);
          const schemas = ["public", ...project.map(({ schema }) => schema)];
          const point = await stage.backUp(source, { schemas });
          const report = await stage.restore(target, { point });
          assert.deepEqual(report.problems, []);
          assert.ok(report.database!.tables.every(({ compared }) => compared === "digest"));
          await armRestore(stage.dependencies(target));
          if (reason !== null) {
            return assert.deepEqual(await schemaOf(target, schemas), await schemaOf(source, schemas));
          }
          const { objects, lost, added } = await pgDumpDifference([18, 18], source, target);
          assert.ok(objects > 50, `pg_dump found ${objects} objects only`);
          assert.deepEqual([lost, added], [[], []]);
        }),
        { numRuns, seed, endOnFailure: true },
      );
      if (!result.failed) return;
      // The SQL goes to a file, because fast-check would print thousands of lines.
      const file = await Deno.makeTempFile({ prefix: "lifeboat-schemas-", suffix: ".sql" });
      await Deno.writeTextFile(file, result.counterexample![0].map(({ sql }) => sql).join("\n"));
      throw new Error(`LIFEBOAT_SEED=${seed}, run ${result.numRuns}; its SQL is in ${file}`, {
        cause: result.errorInstance,
      });
    },
  );
  stopServersAtTheEnd();
}

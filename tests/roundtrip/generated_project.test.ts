import assert from "node:assert/strict";
import fc from "fast-check";
import { runSql } from "../support/postgres.ts";
import { onServer, RestoreStage, schemaOf } from "../restore/stage.ts";
import { generatedProject } from "./generated_project.ts";

const numRuns = Number(Deno.env.get("LIFEBOAT_RUNS") ?? 15);
const seed = Number(Deno.env.get("LIFEBOAT_SEED") ?? Math.floor(Math.random() * 2 ** 31));

Deno.test(`made-up projects come back as they were (${numRuns} runs)${onServer}`, async () => {
  console.log(`LIFEBOAT_SEED=${seed}`);
  await using stage = await RestoreStage.start();
  await fc.assert(
    fc.asyncProperty(generatedProject, async (project) => {
      const source = await stage.source(18, project.sql);
      const target = await stage.empty(18);
      const point = await stage.backUp(source);
      const report = await stage.restore(target, { point });
      assert.deepEqual(report.problems, []);
      assert.ok(report.database!.tables.every(({ compared }) => compared === "digest"));
      assert.deepEqual(await schemaOf(target), await schemaOf(source));
      for (const table of project.tables) {
        const query = `select coalesce(array_agg(t::text order by t::text), '{}') as rows from ${table} t`;
        assert.deepEqual(await runSql(target.url, query), await runSql(source.url, query), table);
      }
    }),
    { numRuns, seed, endOnFailure: true },
  );
});

import assert from "node:assert/strict";
import { reasonToSkip, runSql, SHARED_SERVERS, stopServersAtTheEnd, type TestDatabase } from "../support/postgres.ts";
import { databaseAt, onServer, RestoreStage, schemaOf } from "../restore/stage.ts";

const everyType = await Deno.readTextFile(new URL("../dump/every_type.sql", import.meta.url));

for (const [from, to] of [[15, 18], [15, 15], [18, 18]] as const) {
  Deno.test({
    ...SHARED_SERVERS,
    name: `every value of every type is backed up on PostgreSQL ${from} and restored on ${to}${onServer}`,
    ignore: reasonToSkip(from) !== null,
    async fn(test) {
      await using stage = await RestoreStage.start();
      const source = await stage.source(from, everyType);
      const point = await stage.backUp(source);
      const target = await stage.empty(to);
      const report = await stage.restore(target, { point });

      await test.step("every table compares equal by its digest", () => {
        assert.deepEqual(report.problems, []);
        assert.equal(report.status, "success");
        assert.ok(report.database!.tables.length > 12);
        assert.ok(report.database!.tables.every(({ compared, equal }) => equal && compared === "digest"));
      });
      await test.step("and by the text of each row", async () => {
        // One of the tables has columns named like every usual alias, which would be taken for the row.
        for (const { table } of report.database!.tables.filter(({ table }) => !table.includes("auth"))) {
          const query =
            `select coalesce(array_agg(whole_row::text order by whole_row::text collate "C"), '{}') as rows from only ${
              table.includes('"') || table.includes(".") ? table : `"${table}"`
            } as whole_row`;
          const [before, after] = await Promise.all([source, target].map(({ url }) => runSql(url, query)));
          assert.deepEqual(after, before, table);
        }
      });
      await test.step("and by COPY's own output, sorted", async () => {
        let lines = 0;
        for (const { table } of report.database!.tables.filter(({ table }) => !table.includes("auth"))) {
          const name = table.includes('"') || table.includes(".") ? table : `"${table}"`;
          const [before, after] = await Promise.all([source, target].map((database) => copied(database, name)));
          assert.deepEqual(after, before, table);
          lines += before.length;
        }
        assert.ok(lines > 50, `${lines} lines`);
      });
      if (from === to) {
        await test.step("the schema is exported from the copy as the same statements", async () => {
          assert.deepEqual(await schemaOf(target), await schemaOf(source));
        });
      }
    },
  });
}

async function copied(database: TestDatabase, table: string): Promise<string[]> {
  const session = await databaseAt(database).connect({ applicationName: "test" });
  try {
    const decoder = new TextDecoder();
    let text = "";
    // A block may only be read until the next one is asked for.
    for await (const block of session.copyOut(`copy (select * from only ${table}) to stdout`)) {
      text += decoder.decode(block, { stream: true });
    }
    return text.split("\n").sort();
  } finally {
    await session.close();
  }
}

stopServersAtTheEnd();

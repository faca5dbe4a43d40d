import assert from "node:assert/strict";
import { reasonToSkip, SHARED_SERVERS, stopServersAtTheEnd } from "../support/postgres.ts";
import {
  difference,
  emptyTarget,
  exportOf,
  objectsOf,
  psql,
  RICH_SCHEMAS,
  richDatabase,
  scriptOf,
} from "./round_trip.ts";
import { pgDump, reasonWithoutPgDump } from "../support/pg_dump.ts";

for (const version of [15, 18] as const) {
  const ignore = reasonToSkip(version) !== null;
  const name = `PostgreSQL ${version}: `;

  Deno.test({
    ...SHARED_SERVERS,
    name: `${name}a rich schema is rebuilt by psql and exported from the copy as the same statements`,
    ignore,
    async fn() {
      const source = await richDatabase(version);
      const target = await emptyTarget(version);
      const exported = await exportOf(source.superuserUrl, RICH_SCHEMAS);
      assert.deepEqual(exported.uncovered, []);

      const { statements } = exported;
      await psql(target.superuserUrl, scriptOf(statements, "pre-data", "post-data", "foreign-keys", "activation"));
      const copied = await exportOf(target.superuserUrl, RICH_SCHEMAS);
      assert.deepEqual(copied.statements, statements);
      assert.deepEqual(copied.sequences, exported.sequences);
    },
  });

  Deno.test({
    ...SHARED_SERVERS,
    name: `${name}pg_dump sees the same schema and rows in source and copy`,
    ignore: ignore || reasonWithoutPgDump(version) !== null,
    async fn() {
      const source = await richDatabase(version);
      const target = await emptyTarget(version);
      const { statements } = await exportOf(source.superuserUrl, RICH_SCHEMAS);
      await psql(target.superuserUrl, scriptOf(statements, "pre-data"));
      const rows = await pgDump(
        version,
        source.superuserUrl,
        "--data-only",
        ...RICH_SCHEMAS.map((schema) => `--schema="${schema}"`),
      );
      await psql(target.superuserUrl, rows.replace(/^\\(un)?restrict .*$/gm, ""));
      await psql(target.superuserUrl, scriptOf(statements, "post-data", "foreign-keys", "activation"));

      const before = objectsOf(await pgDump(version, source.superuserUrl));
      const after = objectsOf(await pgDump(version, target.superuserUrl));
      assert.ok(before.length > 300, `pg_dump found ${before.length} objects only`);
      assert.deepEqual(
        [difference(before, after).filter(isUnexpected), difference(after, before).filter(isUnexpected)],
        [[], []],
      );
    },
  });

  Deno.test({
    ...SHARED_SERVERS,
    name: `${name}every statement can be sent alone over the protocol`,
    ignore,
    async fn() {
      const { statements } = await exportOf((await richDatabase(version)).superuserUrl, RICH_SCHEMAS);
      for (const { sql } of statements) assert.match(sql, /;$/);
      const target = await emptyTarget(version);
      const { default: pg } = await import("pg");
      const client = new pg.Client({ connectionString: target.superuserUrl });
      await client.connect();
      try {
        // The extended protocol refuses a text with more than one statement, so each entry is proved to be one.
        for (const { sql } of statements) await client.query({ text: sql, values: [], queryMode: "extended" } as never);
      } finally {
        await client.end();
      }
    },
  });
}

/** Whether a difference is not one of those that are on purpose. */
function isUnexpected(object: string): boolean {
  // Secrets are replaced in a backup, and schema `private` is not backed up here.
  if (object.startsWith("private; Type: SCHEMA;")) return false;
  return !/api_key|password|sb_secret_|<secret removed/.test(object);
}

stopServersAtTheEnd();

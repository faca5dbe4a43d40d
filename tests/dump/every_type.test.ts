import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { readCatalogue } from "../../supabase/functions/_shared/engine/catalogue/catalogue.ts";
import { quoteTable, tableName } from "../../supabase/functions/_shared/engine/format/sql_names.ts";
import { pinSettings } from "../../supabase/functions/_shared/engine/catalogue/pin_settings.ts";
import { tableDigestSql } from "../../supabase/functions/_shared/engine/format/row_line.ts";
import { POSTGRES_15, testOnPostgres15 } from "../support/postgres.ts";
import { startTestServer, type TestProject } from "../support/test_server.ts";
import { dumpToMemory, type MemoryDump } from "./memory_dump.ts";
import { insertLinesSql } from "./read_back.ts";

const everyType = await Deno.readTextFile(new URL("every_type.sql", import.meta.url));

const TITLE = "every value of every type comes back as it was";
Deno.test(`PostgreSQL 18: ${TITLE}`, (test) => everyValueComesBack(test));
testOnPostgres15(`PostgreSQL 15: ${TITLE}`, (test) => everyValueComesBack(test, POSTGRES_15));

async function everyValueComesBack(test: Deno.TestContext, binDir?: string): Promise<void> {
  const server = await startTestServer({ binDir });
  try {
    const project = await server.createProject(everyType);
    const dump = await dumpToMemory(project.url);

    await test.step("each row is equal after it was read back by the declared encodings", async () => {
      await assertReadsBack(project, dump);
    });
    await test.step("counts and digests are those that the database computes anew, and those of the lines", async () => {
      await assertDigests(project.url, dump);
    });
    await test.step("rows of children and partitions stand only in their own table", () => {
      deepStrictEqual(
        ["parent", "child", "events", "events_2025", "events_2026", "events_2026_a", "events_rest"].map((name) =>
          dump.rows[name].length
        ),
        [1, 2, 0, 1, 0, 1, 1],
      );
    });
    await test.step("numbers that JSON.parse would round are strings", () => {
      const rows = dump.rows['"Every ""type"" été"'];
      ok(rows.some((row) => row.c_int8 === "9223372036854775807"));
      ok(rows.some((row) => row.c_numeric_38 === "9999999999999999999999999999.9999999999"));
    });
    await test.step("generated columns are left to the target, and said so", () => {
      const table = dump.tables.find((table) => table.name.startsWith("Every"))!;
      const column = table.columns.find((column) => column.name === "g_stored")!;
      deepStrictEqual([column.generated, column.inRows], ["stored", false]);
    });
    await test.step("every member decompresses alone and belongs to one table", () => {
      for (const member of dump.members) {
        const bytes = dump.bytes.subarray(member.offset, member.offset + member.length);
        strictEqual(createHash("sha256").update(bytes).digest("hex"), member.sha256);
        strictEqual(gunzipSync(bytes).length, member.rawLength);
      }
      strictEqual(dump.members.reduce((sum, member) => sum + member.length, 0), dump.bytes.length);
    });
  } finally {
    await server.stop();
  }
}

/** Restores the dumped rows and compares them with the original rows by their text in SQL, without JSON. */
async function assertReadsBack(project: TestProject, dump: MemoryDump): Promise<void> {
  const session = await createPostgresDatabase({ url: project.url }).connect({ applicationName: "test" });
  try {
    await pinSettings(session, 1_000);
    await session.query("create schema copy");
    for (const table of dump.tables.filter((table) => table.kind === "table")) {
      const copy = { schema: "copy", name: table.name };
      await session.query(`create table ${quoteTable(copy)} (like ${quoteTable(table)} including all)`);
      const lines = dump.lines[tableName(table)];
      strictEqual(lines.length, table.rows);
      await session.query(insertLinesSql(table, copy), [lines]);
      // One of the tables has columns named like every usual alias, which would be taken for the row.
      const [before, after] = [`only ${quoteTable(table)}`, quoteTable(copy)].map((from) =>
        `select whole_row::text from ${from} as whole_row`
      );
      const [difference] = await session.query(
        `select count(*)::text as count from (
           (${before} except all ${after}) union all (${after} except all ${before})) d`,
      );
      strictEqual(difference.count, "0", `rows of ${table.name} differ`);
    }
  } finally {
    await session.close();
  }
}

async function assertDigests(url: string, dump: MemoryDump): Promise<void> {
  const session = await createPostgresDatabase({ url }).connect({ applicationName: "test" });
  try {
    await pinSettings(session, 1_000);
    const scope = { schemas: ["public"], excludedTables: [], excludedColumns: [] };
    const { tables } = await readCatalogue(session, scope);
    strictEqual(tables.length, dump.tables.length);
    for (const table of tables) {
      const dumped = dump.tables.find((entry) => tableName(entry) === tableName(table))!;
      const columns = table.columns.filter((_, index) => dumped.columns[index].inRows);
      const [computed] = await session.query(tableDigestSql({ ...table, columns }));
      const lines = dump.lines[tableName(table)];
      deepStrictEqual(computed, { rows: String(dumped.rows), digest: dumped.digest });
      strictEqual(lines.reduce((sum, line) => sum + digestOf(line), 0n).toString(), dumped.digest);
    }
  } finally {
    await session.close();
  }
}

function digestOf(line: string): bigint {
  return createHash("sha256").update(line).digest().readBigInt64BE(0);
}

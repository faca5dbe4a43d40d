import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { startTestServer } from "../support/test_server.ts";
import { dumpToMemory } from "./memory_dump.ts";

const MEBIBYTE = 1024 * 1024;

Deno.test("values of any size are dumped, or refused by name", async (test) => {
  const server = await startTestServer();
  try {
    await test.step("a value of 30 MB is dumped", async () => {
      const project = await server.createProject(`
        create table files (id int primary key, body text);
        insert into files values (1, 'small'), (2, repeat('0123456789', 3000000)), (3, 'small too')`);
      const dump = await dumpToMemory(project.url);
      // Wide rows follow the narrow ones of their pages: a dump promises no order.
      deepStrictEqual(dump.rows.files.map((row) => [row.id, String(row.body).length]).sort(), [
        [1, 5],
        [2, 30_000_000],
        [3, 9],
      ]);
      deepStrictEqual(dump.ledger, []);
    });

    await test.step("a row that is too large is refused with table, column, key and the way out", async () => {
      const project = await server.createProject(`
        create table "my files" (tenant text, id int, title text, body bytea, primary key (tenant, id));
        insert into "my files" select 'sample', g, 'title', decode(repeat('00', 1000), 'hex') from generate_series(1, 50) g;
        insert into "my files" values ('sample', 51, 'the large one', convert_to(repeat('x', 3000000), 'UTF8'))`);
      const dump = await dumpToMemory(project.url, {}, { maxRowBytes: 4 * MEBIBYTE });
      strictEqual(dump.rows["my files"].length, 50);
      const [entry] = dump.ledger;
      deepStrictEqual([entry.kind, entry.severity], ["row", "missing"]);
      for (const part of ["value_too_large", "my files", "body", "sample", "51", "npm run lifeboat -- backup"]) {
        ok(entry.reason.includes(part), `"${entry.reason}" does not name ${part}`);
      }
    });

    await test.step("a row that Postgres itself could not render is refused, and the run goes on", async () => {
      // 600 MB of bytea would be 1.2 GB of JSON, above what one value may have.
      const project = await server.createProject(`
        create table huge (id int primary key, body bytea);
        alter table huge alter body set storage external;
        insert into huge values (1, 'small');
        insert into huge values (2, convert_to(repeat('x', 600000000), 'UTF8'))`);
      const dump = await dumpToMemory(project.url);
      deepStrictEqual(dump.rows.huge.map((row) => row.id), [1]);
      ok(dump.ledger[0].reason.includes("600000000") || dump.ledger[0].reason.includes("1200000000"));
    });

    await test.step("many wide rows beside each other stay one to a message", async () => {
      const project = await server.createProject(`
        create table documents (id int primary key, body text);
        alter table documents alter body set storage external;
        insert into documents select g, repeat(chr(64 + g % 26), 1000000) from generate_series(1, 60) g`);
      const dump = await dumpToMemory(project.url);
      strictEqual(dump.rows.documents.length, 60);
      ok(dump.members.every((member) => member.rawLength < 6 * MEBIBYTE));
    });
  } finally {
    await server.stop();
  }
});

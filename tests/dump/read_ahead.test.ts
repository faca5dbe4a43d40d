import { deepStrictEqual, ok, rejects } from "node:assert/strict";
import { startGzipWorkers } from "../../supabase/functions/_shared/adapters/node/gzip_workers.ts";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import type { Database } from "../../supabase/functions/_shared/engine/database.ts";
import { LifeboatError } from "../../supabase/functions/_shared/engine/errors.ts";
import { startTestServer } from "../support/test_server.ts";
import { dumpToMemory } from "./memory_dump.ts";

/**
 * Tables that are read in several pieces: short rows with a gap of empty pages, values out of line, a view without
 * pages.
 */
const SET_UP = `
  create table events (id int primary key, note text);
  insert into events select g, repeat(md5(g::text), 8) from generate_series(1, 60000) g;
  delete from events where id between 15000 and 42000;
  vacuum events;
  create table files (id int, body text);
  insert into files select g, (select string_agg(md5(g * 1000 + k || ''), '') from generate_series(1, 90) k)
    from generate_series(1, 3000) g;
  insert into files select -g, 'short' from generate_series(1, 200000) g;
  create table few (id int);
  insert into few values (1), (2);
  create table none (id int);
  create materialized view sums as select count(*) from events;`;

Deno.test("what several sessions and threads read and compress is byte for byte what one does", async (test) => {
  const server = await startTestServer();
  try {
    const project = await server.createProject("");
    for (const statement of SET_UP.split(";\n")) await project.sql(statement);
    const one = await dumpToMemory(project.url);
    deepStrictEqual(one.rows.events.length, 32999);
    deepStrictEqual(one.rows.files.length, 203000);

    await test.step("with three of each", async () => {
      using compressor = startGzipWorkers(3);
      const three = await dumpToMemory(project.url, {}, { jobs: 3, compressor });
      deepStrictEqual(three.members, one.members);
      ok(three.bytes.every((byte, index) => byte === one.bytes[index]));
      deepStrictEqual(three.tables, one.tables);
    });

    await test.step("and when one of the sessions dies, the dump fails instead of waiting or missing rows", async () => {
      const database = dyingAt(createPostgresDatabase({ url: project.url }), "'(512,0)'");
      await rejects(dumpToMemory(database, {}, { jobs: 2 }), { code: "database_connection_lost" });
    });
  } finally {
    await server.stop();
  }
});

/** Wraps a database so that its connection breaks in the middle of the COPY whose text holds `place`. */
function dyingAt(database: Database, place: string): Database {
  return {
    async connect(options, signal) {
      const session = await database.connect(options, signal);
      return {
        query: (text, params, signal) => session.query(text, params, signal),
        async *copyOut(text, signal) {
          let blocks = 0;
          for await (const block of session.copyOut(text, signal)) {
            if (text.includes(place) && blocks++ === 3) {
              throw new LifeboatError({
                code: "database_connection_lost",
                kind: "transient",
                message: "The connection broke.",
                hint: "Run again.",
              });
            }
            yield block;
          }
        },
        close: () => session.close(),
      };
    },
  };
}

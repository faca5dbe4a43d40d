import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import type { Database } from "../../supabase/functions/_shared/engine/database.ts";
import { hasCode } from "../../supabase/functions/_shared/engine/errors.ts";
import { eventually } from "../support/eventually.ts";
import { startTestServer, type TestProject } from "../support/test_server.ts";
import { pinSettings } from "../../supabase/functions/_shared/engine/catalogue/pin_settings.ts";
import { openSnapshot } from "../../supabase/functions/_shared/engine/dump/snapshot.ts";
import { interruptBefore, interruptEach } from "./interrupting_database.ts";
import { dumpSnapshot, dumpToMemory } from "./memory_dump.ts";

const wholeSchema = { schemas: ["public"], excludedTables: [], excludedColumns: [] };
const SET_UP = `
  create table parents (id bigint generated always as identity primary key, note text);
  create table children (id bigint generated always as identity primary key, parent bigint not null references parents);
  insert into parents (note) select 'parent ' || g from generate_series(1, 5000) g;
  insert into children (parent) select 1 + g % 5000 from generate_series(1, 20000) g;
  create table shelf (id int, v text);
  insert into shelf select g, 'v' from generate_series(1, 3000) g;`;

Deno.test("the snapshot tells the truth whatever happens beside it", async (test) => {
  const server = await startTestServer();
  const step = (name: string, body: (project: TestProject) => Promise<void>, sql = SET_UP) =>
    test.step(name, async () => await body(await server.createProject(sql)));
  try {
    for (
      const [what, statement] of [
        ["a TRUNCATE", "truncate shelf"],
        ["an ALTER that rewrites", "alter table shelf alter column id type bigint using id + 1"],
        ["a DROP", "drop table shelf"],
      ]
    ) {
      await step(`${what} right after the snapshot waits, and no row is lost`, async (project) => {
        let other: Promise<unknown> | undefined;
        const database = interruptBefore(createPostgresDatabase({ url: project.url }), /^copy/, async () => {
          other = project.sql(statement);
          await eventually(`${what} waits for the dump's lock`, async () => {
            const waiting = await project.sql(
              "select from pg_stat_activity where wait_event_type = 'Lock' and query = $1",
              [statement],
            );
            return waiting.length === 1;
          });
        });
        const dump = await dumpToMemory(database);
        strictEqual(dump.rows.shelf.length, 3000);
        strictEqual(dump.rows.shelf[0].id, 1);
        await other;
      });

      await step(`${what} between reading the catalogue and the locks is seen`, async (project) => {
        const database = interruptBefore(createPostgresDatabase({ url: project.url }), /^lock/, async () => {
          await project.sql(statement);
        });
        const dump = await dumpToMemory(database);
        if (what === "a TRUNCATE") strictEqual(dump.rows.shelf.length, 0);
        else if (what === "a DROP") strictEqual(dump.rows.shelf, undefined);
        else deepStrictEqual(dump.rows.shelf[0].id, "2");
      });
    }

    await step("a table that is created before the locks is in the dump", async (project) => {
      const database = interruptBefore(createPostgresDatabase({ url: project.url }), /^lock/, async () => {
        await project.sql("create table late (id int); insert into late values (1)");
      });
      strictEqual((await dumpToMemory(database)).rows.late.length, 1);
    });

    await step("a table that is created before the locks is locked like every other one", async (project) => {
      const database = interruptBefore(createPostgresDatabase({ url: project.url }), /^lock/, async () => {
        await project.sql("create table late (id int); insert into late values (1)");
      });
      const { session, catalogue, pid } = await openSnapshot(database, wholeSchema, 5_000);
      try {
        const locked = await project.sql<{ name: string }>(
          `select relname as name from pg_locks join pg_class c on c.oid = relation and relkind = 'r'
           where pid = $1 and mode = 'AccessShareLock' and granted and relnamespace = 'public'::regnamespace
           order by relname`,
          [pid],
        );
        deepStrictEqual(locked.map(({ name }) => name), ["children", "late", "parents", "shelf"]);
        const names = catalogue.tables.filter(({ schema }) => schema === "public").map(({ name }) => name);
        deepStrictEqual(names.sort(), ["children", "late", "parents", "shelf"]);
      } finally {
        await session.close();
      }
    });

    await step(
      "a catalogue that changes at every attempt ends the run instead of being dumped unlocked",
      async (project) => {
        let attempts = 0;
        const database = interruptEach(createPostgresDatabase({ url: project.url }), /^lock/, async () => {
          await project.sql(`create table late_${++attempts} (id int)`);
        });
        await rejects(openSnapshot(database, wholeSchema, 5_000), (error) => hasCode(error, "catalogue_unstable"));
        strictEqual(attempts, 5);
      },
    );

    await step(
      "rows that were read from another moment than they are counted in throw the dump away",
      async (project) => {
        const database = createPostgresDatabase({ url: project.url });
        const snapshot = await openSnapshot(database, wholeSchema, 5_000);
        await project.sql("delete from shelf where id = 7");
        // This session has another snapshot than the one that counts, so the counts differ as if a row had been lost.
        const stray = await database.connect({ applicationName: "stray" });
        try {
          await pinSettings(stray, 5_000);
          await rejects(
            dumpSnapshot(snapshot, wholeSchema, { readers: [stray] }),
            (error) => hasCode(error, "row_count_mismatch") && error.message.includes("3000 rows, but 2999"),
          );
        } finally {
          await Promise.all([stray, snapshot.session].map((session) => session.close()));
        }
      },
    );

    await step("a database whose bytes need not be text is refused", async (project) => {
      const name = new URL(project.url).pathname.slice(1);
      const url = project.superuserUrl.replace(name, `${name}_ascii`);
      const template = `create database "${name}_ascii" encoding 'SQL_ASCII' locale 'C' template template0`;
      await asSuperuser(project, template);
      await rejects(
        openSnapshot(createPostgresDatabase({ url }), wholeSchema, 5_000),
        (error) => hasCode(error, "encoding_unsupported"),
      );
    });

    await step(
      "a table that is created before the locks is locked like the others before the first row is read",
      async (project) => {
        const created = interruptBefore(createPostgresDatabase({ url: project.url }), /^lock/, async () => {
          await project.sql("create table zz_late (id int)");
        });
        let locks: unknown[] | undefined;
        const database = interruptBefore(created, /^copy/, async () => {
          locks = await project.sql(
            "select mode from pg_locks where relation = 'zz_late'::regclass and mode = 'AccessShareLock' and granted",
          );
        });
        await dumpToMemory(database);
        strictEqual(locks?.length, 1);
      },
    );

    await step("a count that is not the number of rows that were read ends the dump", async (project) => {
      const database = createPostgresDatabase({ url: project.url });
      const miscounting: Database = {
        async connect(options, signal) {
          const session = await database.connect(options, signal);
          return {
            query: (text, params, signal) =>
              session.query(
                text.replace(/^select pg_catalog\.count\(\*\)::text/, "select (pg_catalog.count(*) + 1)::text"),
                params,
                signal,
              ),
            copyOut: (text, signal) => session.copyOut(text, signal),
            close: () => session.close(),
          };
        },
      };
      await rejects(dumpToMemory(miscounting), (error) => hasCode(error, "row_count_mismatch"));
    });

    await step("rows of a child table are read once", async (project) => {
      await project.sql("create table base (id int); create table derived () inherits (base)");
      await project.sql("insert into base values (1); insert into derived values (2)");
      const { rows } = await dumpToMemory(project.url);
      deepStrictEqual([rows.base.length, rows.derived.length], [1, 1]);
    });

    await step(
      "a table whose lock somebody holds is an error after the time-out, not a wait for ever",
      async (project) => {
        const holder = await createPostgresDatabase({ url: project.url }).connect({ applicationName: "holder" });
        await holder.query("begin; lock table shelf in access exclusive mode");
        try {
          await rejects(
            dumpToMemory(project.url, {}, { lockTimeoutMs: 200 }),
            (error) => hasCode(error, "lock_timeout"),
          );
        } finally {
          await holder.close();
        }
      },
    );

    await step("no child lacks its parent while writers insert both", async (project) => {
      let writing = true;
      let written = 0;
      const writers = [1, 2].map(async () => {
        const session = await createPostgresDatabase({ url: project.url }).connect({ applicationName: "writer" });
        while (writing) {
          await session.query(
            "with p as (insert into parents (note) values ('new') returning id) insert into children (parent) select id from p",
          );
          written++;
        }
        await session.close();
      });
      try {
        for (let round = 0; round < 5; round++) {
          const { rows } = await dumpToMemory(project.url);
          const parents = new Set(rows.parents.map((row) => row.id));
          strictEqual(rows.children.filter((row) => !parents.has(row.parent)).length, 0);
        }
      } finally {
        writing = false;
        await Promise.all(writers);
      }
      ok(written > 50, `only ${written} rows were written meanwhile`);
    });

    await step("a role that row security would filter for gets an error, not fewer rows", async (project) => {
      await asSuperuser(
        project,
        `
        alter table shelf enable row level security;
        create policy few on shelf using (id < 10);
        create role peeping login password 'peeping' nosuperuser nobypassrls;
        grant select on shelf, parents, children to peeping;
        grant usage on schema public to peeping`,
      );
      const url = project.url.replace("postgres:postgres@", "peeping:peeping@");
      await rejects(dumpToMemory(url), (error) => hasCode(error, "row_security"));
    });

    await step("a table that cannot be read is named in the ledger, and the others are dumped", async (project) => {
      await asSuperuser(project, "create table public.hidden (id int)");
      const role = "plain";
      await asSuperuser(
        project,
        `
        create role ${role} login password '${role}' bypassrls;
        grant usage on schema public to ${role};
        grant select on parents, children, shelf to ${role}`,
      );
      const dump = await dumpToMemory(project.url.replace("postgres:postgres@", `${role}:${role}@`));
      strictEqual(dump.rows.shelf.length, 3000);
      deepStrictEqual(dump.ledger.filter((entry) => entry.severity === "missing").map((entry) => entry.identity), [
        "auth.users",
        "hidden",
      ]);
    });

    await step("a connection that is cut mid-dump is an error", async (project) => {
      const database = interruptBefore(createPostgresDatabase({ url: project.url }), /^copy.*shelf/, async () => {
        await asSuperuser(
          project,
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lifeboat dump'",
        );
      });
      await rejects(dumpToMemory(database), (error) => hasCode(error, "database_connection_lost"));
    });

    await step("a role's statement time-out does not cut the dump", async (project) => {
      await asSuperuser(project, "alter role postgres set statement_timeout = '5ms'");
      try {
        strictEqual((await dumpToMemory(project.url)).rows.children.length, 20000);
      } finally {
        await asSuperuser(project, "alter role postgres reset statement_timeout");
      }
    });

    await step("tables and columns can be left out, and the ledger says so", async (project) => {
      const dump = await dumpToMemory(project.url, {
        excludedTables: [{ schema: "public", table: "shelf" }],
        excludedColumns: [{ schema: "public", table: "parents", column: "note" }],
      });
      strictEqual(dump.rows.shelf, undefined);
      deepStrictEqual(Object.keys(dump.rows.parents[0]), ["id"]);
      deepStrictEqual(dump.ledger.map((entry) => [entry.kind, entry.identity, entry.severity]), [
        ["table", "shelf", "expected"],
        ["column", "parents.note", "expected"],
      ]);
    });

    await step("what is left out of a partitioned table is left out of its partitions", async (project) => {
      await project.sql(`create table cards (id int, pan text) partition by list (id);
        create table cards_1 partition of cards for values in (1) partition by list (id);
        create table cards_1_1 partition of cards_1 for values in (1);
        create table caches (id int, noise text) partition by list (id);
        create table caches_1 partition of caches for values in (1);
        insert into cards values (1, '4111'); insert into caches values (1, 'x')`);
      const { rows } = await dumpToMemory(project.url, {
        excludedTables: [{ schema: "public", table: "caches" }],
        excludedColumns: [{ schema: "public", table: "cards", column: "pan" }],
      });
      deepStrictEqual([rows.cards_1_1, rows.caches, rows.caches_1], [[{ id: 1 }], undefined, undefined]);
    });

    await step("settings that name what is not there are missing things, and not silence", async (project) => {
      const dump = await dumpToMemory(project.url, {
        schemas: ["public", "pubilc"],
        excludedTables: [{ schema: "public", table: "shelfs" }],
        excludedColumns: [{ schema: "public", table: "parents", column: "notes" }],
      });
      deepStrictEqual(dump.ledger.map((entry) => [entry.kind, entry.identity, entry.severity]), [
        ["schema", "pubilc", "missing"],
        ["setting", "parents.notes", "missing"],
        ["setting", "shelfs", "missing"],
      ]);
    });
  } finally {
    await server.stop();
  }
});

async function asSuperuser(project: TestProject, sql: string): Promise<void> {
  const session = await createPostgresDatabase({ url: project.superuserUrl }).connect({ applicationName: "superuser" });
  try {
    await session.query(sql);
  } finally {
    await session.close();
  }
}

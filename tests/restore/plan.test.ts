import assert from "node:assert/strict";
import type { Database } from "../../supabase/functions/_shared/engine/database.ts";
import { LifeboatError } from "../../supabase/functions/_shared/engine/errors.ts";
import {
  applyRestore,
  armRestore,
  planRestore,
  type RestorePlan,
  type RestoreRequest,
} from "../../supabase/functions/_shared/engine/restore/mod.ts";
import { openPoint } from "../../supabase/functions/_shared/engine/points/open_point.ts";
import { describePoint } from "../../supabase/functions/_shared/engine/points/list_points.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { interruptEach } from "../dump/interrupting_database.ts";
import { reasonToSkip, runSql, SHARED_SERVERS, stopServersAtTheEnd, type TestDatabase } from "../support/postgres.ts";
import { databaseAt, onServer, RestoreStage } from "./stage.ts";

const SHOP = `
  create extension if not exists citext with schema extensions;
  create schema stock;
  create table customers (id bigint generated always as identity primary key, email extensions.citext unique, note text);
  create table orders (id serial primary key, customer bigint not null references customers on delete cascade,
    total numeric(12, 2), tax numeric generated always as (total * 0.2) stored);
  create table stock.levels (sku text primary key, level int not null);
  create table bulk (id int primary key, text text);
  create index orders_customer on orders (customer);
  create policy everybody on orders for select using (true);
  alter table orders enable row level security;
  create table visits (at date not null, note text) partition by range (at);
  create table "visits of 2025" partition of visits for values from ('2025-01-01') to ('2026-01-01');
  create table visits_rest partition of visits default;
  insert into visits select date '2025-12-20' + g, 'visit' from generate_series(1, 20) g;
  insert into customers (email) select 'person' || g || '@example.com' from generate_series(1, 20) g;
  insert into orders (customer, total) select 1 + g % 20, g * 1.5 from generate_series(1, 100) g;
  insert into stock.levels values ('a', 1), ('b', 2);
  insert into bulk select g, repeat(md5(g::text), 40) from generate_series(1, 6000) g;
  insert into auth.users (id, email, encrypted_password) values ('6b1f5a3e-92f3-4e0e-9b0a-3a3c6c0f9d11', 'sample@example.com', 'hash');
`;
const SCHEMAS = ["public", "stock"];

async function failsWith(code: string, attempt: Promise<unknown>): Promise<LifeboatError> {
  const error = await attempt.then(() => undefined, (error) => error);
  assert.ok(error instanceof LifeboatError, `expected ${code}, got ${error}`);
  assert.equal(error.code, code, error.message);
  return error;
}

const entries = (plan: RestorePlan) => plan.conflicts.map(({ kind, identity }) => `${kind} ${identity}`);
const count = async (database: TestDatabase, from: string) =>
  Number((await runSql<{ count: string }>(database.url, `select count(*) from ${from}`))[0].count);

Deno.test(`plans show what a restore would do, and what stands in its way${onServer}`, SHARED_SERVERS, async (test) => {
  await using stage = await RestoreStage.start();
  const source = await stage.source(18, SHOP);
  const point = await stage.backUp(source, { schemas: SCHEMAS });
  const plan = (target: TestDatabase, request: Partial<RestoreRequest> = {}, database?: Database) =>
    planRestore(stage.dependencies(target, database ? { database } : {}), { point, databaseOnly: true, ...request });
  /** Creates a target that already holds what the backup holds. */
  const copy = async () => {
    const target = await stage.empty(18);
    assert.deepEqual((await stage.restore(target, { point })).problems, []);
    return target;
  };

  await test.step("a plan writes nothing, is the same again, and survives JSON", async () => {
    const target = await stage.empty(18);
    const first = await plan(target);
    assert.deepEqual(await plan(target), first);
    assert.equal(await count(target, "pg_namespace where nspname like 'lifeboat%'"), 0);
    const { database } = first;
    assert.equal(database!.preamble, true);
    assert.deepEqual(
      database!.tables.map(({ table, action, rows }) => [table, action, rows]).sort(),
      [
        ["auth.users", "stand-in", 1],
        ["bulk", "create", 6000],
        ["customers", "create", 20],
        ["orders", "create", 100],
        ["stock.levels", "create", 2],
        ["storage.buckets", "stand-in", 0],
        ["visits of 2025", "create", 11],
        ["visits", "create", 0],
        ["visits_rest", "create", 9],
      ],
    );
    assert.equal(database!.statements.table, 7);
    const again: RestorePlan = JSON.parse(JSON.stringify(first));
    assert.equal((await applyRestore(stage.dependencies(target), again)).status, "success");
    assert.equal((await applyRestore(stage.dependencies(target), again)).status, "success", "applying again compares");
  });

  await test.step("a target that is not empty is seen, and apply refuses", async () => {
    const target = await copy();
    const shown = await plan(target);
    assert.deepEqual(entries(shown).filter((entry) => entry.includes("orders")).sort(), [
      "sequence public.orders_id_seq",
      "table orders",
      "table orders",
    ]);
    await failsWith("restore_conflicts", applyRestore(stage.dependencies(target), shown));
  });

  await test.step("a target that changed after it was planned is not touched", async () => {
    const target = await stage.empty(18);
    const shown = await plan(target);
    await runSql(target.url, "create table newcomer (id int)");
    await failsWith("target_changed", applyRestore(stage.dependencies(target), shown));
    assert.equal(await count(target, "pg_class where relnamespace = 'public'::regnamespace"), 1);
  });

  await test.step("an extension that the server does not have is a conflict", async () => {
    const target = await stage.empty(18);
    // Every server here has citext, so the session hides it.
    const hiding: Database = {
      async connect(options, signal) {
        const session = await databaseAt(target).connect(options, signal);
        return {
          ...session,
          query: <Row>(text: string, params?: readonly unknown[], signal?: AbortSignal) =>
            session.query<Row>(
              text.replace(
                "from pg_catalog.pg_available_extensions",
                "from pg_catalog.pg_available_extensions where name <> 'citext'",
              ),
              params,
              signal,
            ),
          copyOut: (text, signal) => session.copyOut(text, signal),
          close: () => session.close(),
        };
      },
    };
    assert.deepEqual(entries(await plan(target, {}, hiding)), ["extension citext"]);
  });

  await test.step("what the point does not hold is said", async () => {
    const target = await stage.empty(18);
    await failsWith("restore_scope_unknown", plan(target, { tables: ["nowhere"] }));
    await failsWith("restore_scope_unknown", plan(target, { schemas: ["nowhere"] }));
    await failsWith("point_missing", plan(target, { point: "2001-01-01T00-00-00Z" }));
    await failsWith("point_missing", plan(target, { point: "2001-01-01T00-00-00Z", project: "sample" }));
    await failsWith("point_missing", plan(target, { point: "latest", project: "other" }));
    await failsWith("point_invalid", plan(target, { point: "yesterday" }));
  });

  await test.step("one table that was dropped comes back with what belongs to it, and fetches its own bytes only", async () => {
    const target = await copy();
    await runSql(target.url, "drop table orders");
    const { counting, fetched } = countingStore(stage.store);
    const dependencies = stage.dependencies(target, { store: counting });
    const shown = await planRestore(dependencies, { point, tables: ["orders"] });
    assert.deepEqual(shown.conflicts, []);
    const report = await applyRestore(dependencies, shown);
    assert.deepEqual(report.problems, []);
    assert.deepEqual(report.database!.tables.map(({ table }) => table), ["orders"]);
    assert.equal(await count(target, "orders"), 100);
    assert.equal(await count(target, "pg_indexes where tablename = 'orders'"), 2);
    assert.equal(await count(target, "pg_policies where tablename = 'orders'"), 1);
    assert.equal(await count(target, "pg_constraint where conrelid = 'orders'::regclass and contype = 'f'"), 1);
    await runSql(target.url, "insert into orders (customer, total) values (1, 1)");
    const members = await membersOf(stage, point);
    const others = members.filter(({ table }) => table !== null && table !== "orders");
    for (const { offset, length } of others) {
      assert.ok(
        fetched.every((range) => range.offset + range.length <= offset || range.offset >= offset + length),
        "bytes of another table were fetched",
      );
    }
    assert.ok(fetched.length > 0);
  });

  await test.step("a partitioned table comes back with its partitions", async () => {
    const target = await copy();
    await runSql(target.url, "drop table visits");
    const report = await stage.restore(target, { point, tables: ["visits"] });
    assert.deepEqual(report.problems, []);
    assert.equal(await count(target, "visits"), 20);
    await runSql(target.url, "truncate visits");
    assert.equal((await stage.restore(target, { point, tables: ["visits"], dataOnly: true })).status, "success");
    assert.equal(await count(target, '"visits of 2025"'), 11);
  });

  await test.step("one schema comes back alone", async () => {
    const target = await stage.empty(18);
    const report = await stage.restore(target, { point, schemas: ["stock"] });
    assert.deepEqual(report.problems, []);
    assert.equal(await count(target, "stock.levels"), 2);
    assert.equal(await count(target, "pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"), 0);
  });

  await test.step("rows only: refused where there are rows, kept or replaced when told to", async () => {
    const target = await copy();
    await runSql(target.url, "delete from orders where id > 90; update orders set total = 0 where id = 1");
    const request = { point, tables: ["orders"], dataOnly: true };
    assert.deepEqual(entries(await plan(target, request)), ["table orders"]);
    const kept = await stage.restore(target, { ...request, existing: "keep" });
    assert.equal(kept.status, "success");
    assert.equal(kept.database!.tables[0].compared, "kept");
    assert.equal(await count(target, "orders"), 100);
    assert.equal(await count(target, "orders where id = 1 and total = 0"), 1);
    const replaced = await stage.restore(target, { ...request, existing: "replace" });
    assert.deepEqual(replaced.problems, []);
    assert.equal(replaced.database!.tables[0].compared, "digest");
    assert.equal(await count(target, "orders where id = 1 and total = 0"), 0);
    const [{ id }] = await runSql<{ id: number }>(
      target.url,
      "insert into orders (customer, total) values (1, 1) returning id",
    );
    assert.equal(id, 101);
  });

  await test.step("rows only: triggers do not fire, and orphans are found", async () => {
    const target = await copy();
    await runSql(
      target.url,
      `create function loud() returns trigger language plpgsql as $$ begin raise exception 'a trigger fired'; end $$;
       create trigger loud before insert or delete on orders for each row execute function loud();
       create trigger always before insert on orders for each row execute function loud();
       alter table orders enable always trigger always;
       alter table orders disable trigger loud; delete from customers where id = 7; alter table orders enable trigger loud`,
    );
    const report = await stage.restore(target, { point, tables: ["orders"], dataOnly: true, existing: "replace" });
    assert.equal(report.status, "partial");
    assert.deepEqual(report.database!.orphans, [
      { constraint: "orders_customer_fkey", table: "public.orders", rows: 5 },
    ]);
    assert.deepEqual(
      await runSql(
        target.url,
        "select tgname, tgenabled from pg_trigger where tgrelid = 'orders'::regclass and not tgisinternal order by 1",
      ),
      [{ tgname: "always", tgenabled: "A" }, { tgname: "loud", tgenabled: "O" }],
    );
  });

  await test.step("rows only: a row that the target refuses stops the restore, and mended it continues", async () => {
    const target = await copy();
    await runSql(target.url, "truncate orders; alter table orders add constraint low check (total < 100)");
    const request = { point, tables: ["orders"], dataOnly: true };
    const error = await failsWith("restore_rows_failed", stage.restore(target, request));
    assert.match(error.message, /public\.orders|orders/);
    assert.match(error.message, /"low"/);
    await runSql(target.url, "alter table orders drop constraint low");
    assert.deepEqual((await stage.restore(target, request)).problems, []);
    assert.equal(await count(target, "orders"), 100);
  });

  await test.step("rows only: rows that somebody else writes after the plan are not mixed with the restored ones", async () => {
    const target = await copy();
    await runSql(target.url, "truncate stock.levels");
    let looks = 0;
    // The restore looks twice before it begins, and again in the transaction that loads.
    const meanwhile = interruptEach(databaseAt(target), /^select exists \(select from only.*levels/, async () => {
      if (++looks === 3) await runSql(target.url, "insert into stock.levels values ('c', 3)");
    });
    const shown = await plan(target, { tables: ["stock.levels"], dataOnly: true });
    await failsWith("target_changed", applyRestore(stage.dependencies(target, { database: meanwhile }), shown));
    assert.equal(looks, 3);
    assert.deepEqual(await runSql(target.url, "select sku from stock.levels"), [{ sku: "c" }]);
  });

  await test.step("rows only: another column set is a conflict", async () => {
    const target = await copy();
    await runSql(
      target.url,
      "truncate orders; alter table orders drop column total cascade; alter table orders add column must int not null",
    );
    const { conflicts } = await plan(target, { tables: ["orders"], dataOnly: true });
    assert.deepEqual(conflicts.map(({ reason }) => reason), [
      "The target's table has no column total.",
      "Column must of the target must have a value, and the backup holds none.",
    ]);
  });

  await test.step("auth of another version: a table of the platform loads by the columns that both have, and what was dropped is listed", async () => {
    const target = await stage.source(18, "select 1");
    await runSql(
      target.superuserUrl,
      "alter table auth.users drop column encrypted_password; alter table auth.users add column newer text",
    );
    const report = await stage.restore(target, { point });
    assert.equal(report.status, "partial");
    assert.deepEqual(report.problems, [
      { kind: "columns", identity: "auth.users", reason: "The target's table has no column encrypted_password." },
    ]);
    assert.deepEqual(await runSql(target.url, "select email, newer from auth.users"), [
      { email: "sample@example.com", newer: null },
    ]);
  });

  await test.step("where session_replication_role may not be set, triggers are switched off table by table", async () => {
    const target = await copy();
    await runSql(
      target.url,
      `create function loud() returns trigger language plpgsql as $$ begin raise exception 'a trigger fired'; end $$;
       create trigger loud before insert on orders for each row execute function loud(); truncate orders`,
    );
    const shown = await plan(target, { tables: ["orders"], dataOnly: true }, withoutReplicaRole(target));
    assert.equal(shown.database!.asReplica, false);
    const dependencies = stage.dependencies(target, { database: withoutReplicaRole(target) });
    assert.deepEqual((await applyRestore(dependencies, shown)).problems, []);
    assert.equal(await count(target, "orders"), 100);
  });

  await test.step("a table that is lost, and rows that are, make a restore partial and never a success", async () => {
    const target = await stage.empty(18);
    const shown = await plan(target);
    assert.equal((await applyRestore(stage.dependencies(target), shown)).status, "success");
    await runSql(
      target.url,
      "drop table stock.levels; delete from bulk where id = 7; update customers set note = 'new' where id = 3",
    );
    // A plan that was applied before only compares when it is applied again.
    const { status, problems } = await applyRestore(stage.dependencies(target), shown);
    assert.equal(status, "partial");
    assert.deepEqual(problems.map(({ identity, reason }) => `${identity}: ${reason}`).sort(), [
      "bulk: It has 5999 rows; the backup has 6000.",
      "customers: Its rows are not those of the backup (the digest differs).",
      "stock.levels: It has 0 rows; the backup has 2.",
    ]);
  });

  await test.step("another restore on an unfinished one is a conflict that says how to end it", async () => {
    const target = await stage.empty(18);
    const stop = new AbortController();
    const shown = await plan(target);
    await assert.rejects(applyRestore(
      stage.dependencies(target),
      shown,
      ({ phase }) => {
        if (phase === "rows") stop.abort(new Error("enough"));
      },
      {},
      stop.signal,
    ));
    await failsWith("restore_unfinished", armRestore(stage.dependencies(target)));
    const other = await plan(target, { schemas: ["stock"] });
    assert.match(other.conflicts[0].reason, /drop schema lifeboat_restore cascade/);
    const same = await plan(target);
    assert.ok(same.resume!.stepsDone > 2);
    assert.equal((await applyRestore(stage.dependencies(target), same)).status, "success");
  });

  await test.step("an interrupted restore of the latest point goes on with that point, whatever is the latest by now", async () => {
    const target = await stage.empty(18);
    const stop = new AbortController();
    await assert.rejects(
      applyRestore(
        stage.dependencies(target),
        await plan(target, { point: "latest" }),
        ({ phase }) => {
          if (phase === "rows") stop.abort(new Error("enough"));
        },
        {},
        stop.signal,
      ),
    );
    const newer = await stage.backUp(source, { schemas: SCHEMAS });
    const again = await plan(target, { point: "latest" });
    assert.equal(again.recoveryPoint, point);
    assert.equal((await plan(target, { point: newer })).conflicts[0].kind, "restore");
    assert.equal((await applyRestore(stage.dependencies(target), again)).status, "success");
    const after = await plan(target, { point: "latest" });
    assert.equal(after.recoveryPoint, newer);
    assert.match(after.warnings.join(), /restored here already/);
  });

  await test.step("a scratch database changes nothing that its server's other databases share", async () => {
    const origin = await stage.source(
      18,
      `do $$ begin create role sample_reader nologin; create role sample_writer nologin; end $$;
       grant sample_reader to sample_writer; alter role sample_reader set statement_timeout = '5s';
       create table t (id int); grant select on t to sample_reader`,
    );
    const own = await stage.backUp(origin);
    await runSql(
      origin.url,
      "alter role sample_reader set statement_timeout = '9s'; revoke sample_reader from sample_writer",
    );
    const shared = async () =>
      await runSql(
        origin.url,
        `select (select setconfig from pg_db_role_setting where setrole = 'sample_reader'::regrole and setdatabase = 0) as setting,
           pg_has_role('sample_writer', 'sample_reader', 'member') as member`,
      );
    const before = await shared();
    assert.equal((await stage.restore(await stage.empty(18), { point: own, scratch: true })).status, "success");
    assert.deepEqual(await shared(), before);
    assert.equal((await stage.restore(await stage.empty(18), { point: own })).status, "success");
    assert.notDeepEqual(await shared(), before);
  });

  await test.step("two restores at once: the second is refused", async () => {
    const target = await stage.empty(18);
    const shown = await plan(target);
    const session = await databaseAt(target).connect({ applicationName: "test" });
    await session.query("select pg_advisory_lock(hashtextextended('lifeboat restore', 0))");
    await failsWith("restore_running", applyRestore(stage.dependencies(target), shown));
    await session.close();
  });

  await test.step("a statement that fails stops the restore and is named, and mended it continues", async () => {
    const target = await stage.empty(18);
    const shown = await plan(target);
    let broken = true;
    const database: Database = {
      async connect(options, signal) {
        const session = await databaseAt(target).connect(options, signal);
        return {
          query: <Row>(text: string, params?: readonly unknown[], signal?: AbortSignal) =>
            session.query<Row>(
              broken && /orders_customer/.test(text) ? "create index on nowhere (id)" : text,
              params,
              signal,
            ),
          copyOut: (text, signal) => session.copyOut(text, signal),
          close: () => session.close(),
        };
      },
    };
    const failure = await failsWith(
      "restore_statement_failed",
      applyRestore(stage.dependencies(target, { database }), shown),
    );
    assert.equal(failure.subject, "index public.orders_customer");
    assert.match(failure.message, /SQLSTATE 42P01.*orders_customer/s);
    broken = false;
    const again = await planRestore(stage.dependencies(target, { database }), { point, databaseOnly: true });
    assert.equal((await applyRestore(stage.dependencies(target, { database }), again)).status, "success");
  });

  await test.step("a role's statement time-out does not cut a restore", async () => {
    const slow = await stage.source(18, "create table slow (id int)");
    const own = await stage.backUp(slow);
    const target = await stage.empty(18);
    await runSql(
      target.superuserUrl,
      `alter role postgres in database ${target.name} set statement_timeout = '1500ms'`,
    );
    const waits = await runSql(target.url, "show statement_timeout");
    assert.deepEqual(waits, [{ statement_timeout: "1500ms" }]);
    const { database } = stage.dependencies(target);
    const dawdling: Database = {
      async connect(options, signal) {
        const session = await database.connect(options, signal);
        return {
          query: <Row>(text: string, params?: readonly unknown[], signal?: AbortSignal) =>
            session.query<Row>(text.replace(/^create table public.slow/, "select pg_sleep(2); $&"), params, signal),
          copyOut: (text, signal) => session.copyOut(text, signal),
          close: () => session.close(),
        };
      },
    };
    assert.equal((await stage.restore(target, { point: own }, { database: dawdling })).status, "success");
  });

  await test.step("after a restore a row goes into every table with a sequence or identity", async () => {
    const target = await copy();
    const rows = await runSql<{ id: string }>(
      target.url,
      `insert into customers (email) values ('new@example.com') returning id;
       insert into orders (customer, total) values (21, 1) returning id`,
    );
    assert.equal(rows[0].id, 101);
    assert.equal(await count(target, "customers where id = 21"), 1);
  });

  await test.step("a single table whose type the target lacks is a conflict that says what to restore instead", async () => {
    const typed = await stage.source(
      18,
      `create type mood as enum ('good', 'bad'); create domain "Short text" as text check (length(value) < 9);
       create table moods (id int primary key, moods mood[], note "Short text"); insert into moods values (1, '{good}', 'a')`,
    );
    const own = await stage.backUp(typed);
    const target = await stage.empty(18);
    const dependencies = stage.dependencies(target);
    const request = { point: own, databaseOnly: true };
    const shown = await planRestore(dependencies, { ...request, tables: ["moods"] });
    assert.deepEqual(entries(shown).sort(), ['domain public."Short text"', "enum type public.mood"]);
    assert.match(shown.conflicts[0].reason, /^Table moods needs it.*Restore its schema/);
    assert.deepEqual((await planRestore(dependencies, request)).conflicts, []);
    await runSql(target.url, `create type mood as enum ('good', 'bad'); create domain "Short text" as text`);
    assert.deepEqual((await stage.restore(target, { point: own, tables: ["moods"] })).problems, []);
  });

  await test.step("a type that the plan could not know of: the hint says to restore the schema", async () => {
    const typed = await stage.source(
      18,
      "create type mood as enum ('good'); create table moods (id int primary key, m text check (m::mood = 'good'))",
    );
    const own = await stage.backUp(typed);
    const failure = await failsWith(
      "restore_statement_failed",
      stage.restore(await stage.empty(18), { point: own, tables: ["moods"] }),
    );
    assert.match(failure.hint, /needs a type .* Restore its whole schema/);
  });

  await test.step("rows only: a sequence that belongs to no column, but fills one, stands after its data", async () => {
    const shared = await stage.source(
      18,
      `create sequence numbers; create table bills (id bigint primary key default nextval('numbers'), note text);
       create table credits (id bigint primary key default nextval('numbers'), code text default 'C' || nextval('numbers'));
       insert into bills (note) select 'x' from generate_series(1, 5); insert into credits default values`,
    );
    const own = await stage.backUp(shared);
    const target = await stage.empty(18);
    assert.equal((await stage.restore(target, { point: own })).status, "success");
    await runSql(target.url, "truncate bills, credits; select setval('numbers', 1)");
    assert.equal((await stage.restore(target, { point: own, dataOnly: true })).status, "success");
    const [{ id }] = await runSql<{ id: string }>(target.url, "insert into bills (note) values ('y') returning id");
    assert.equal(Number(id), 8);
  });
});

for (
  const [from, to, says] of [[15, 18, /is 18: newer, which usually works/], [
    18,
    15,
    /is 15: statements it does not know/,
  ]] as const
) {
  Deno.test({
    ...SHARED_SERVERS,
    name: `a plan says that a backup of PostgreSQL ${from} goes to ${to}${onServer}`,
    ignore: reasonToSkip(15) !== null,
    async fn() {
      await using stage = await RestoreStage.start();
      const source = await stage.source(
        from,
        "create table things (id int primary key); insert into things values (7)",
      );
      const point = await stage.backUp(source);
      const target = await stage.empty(to);
      const shown = await planRestore(stage.dependencies(target), { point, databaseOnly: true });
      assert.match(shown.warnings.join(), says);
      const report = await applyRestore(stage.dependencies(target), shown);
      assert.deepEqual(report.problems, []);
      assert.equal(await count(target, "things where id = 7"), 1);
    },
  });
}

function withoutReplicaRole(target: TestDatabase): Database {
  return {
    async connect(options, signal) {
      const session = await databaseAt(target).connect(options, signal);
      return {
        query: async <Row>(text: string, params?: readonly unknown[], signal?: AbortSignal) => {
          if (text.includes("session_replication_role")) {
            await session.query("rollback");
            throw new LifeboatError({ code: "permission_denied", kind: "refused", message: "no", hint: "no" });
          }
          return await session.query<Row>(text, params, signal);
        },
        copyOut: (text, signal) => session.copyOut(text, signal),
        close: () => session.close(),
      };
    },
  };
}

/** Wraps a store so that it records which ranges were read. */
function countingStore(store: ObjectStore) {
  const fetched: { offset: number; length: number }[] = [];
  const counting: ObjectStore = {
    head: (...args) => store.head(...args),
    get: (key, options, signal) => {
      if (options?.range) fetched.push(options.range);
      return store.get(key, options, signal);
    },
    list: (...args) => store.list(...args),
    put: (...args) => store.put(...args),
    putStream: (...args) => store.putStream(...args),
    openUpload: (...args) => store.openUpload(...args),
    copy: (...args) => store.copy(...args),
    remove: (...args) => store.remove(...args),
  };
  return { counting, fetched };
}

async function membersOf(stage: RestoreStage, point: string) {
  const found = { project: "sample", point };
  return (await openPoint(stage.dependencies({ name: "", url: "", superuserUrl: "" }), found)).manifest.members;
}

Deno.test(
  "a schema that is wished for and not there is missing from the point, and everybody says so",
  SHARED_SERVERS,
  async () => {
    await using stage = await RestoreStage.start();
    const source = await stage.source(18, "create table seen (id int primary key)");
    const { point: recoveryPoint, outcome } = await stage.dump(source, { schemas: ["public", "shop"] });
    assert.deepEqual([outcome.status, outcome.errorCode], ["partial", "backup_incomplete"]);
    assert.match(outcome.errorMessage!, /schema shop/);
    const files = new Set(["manifest", "dump"] as const);
    const { problems } = await describePoint(stage.store, { project: "sample", recoveryPoint, files });
    assert.deepEqual(problems.map(({ code }) => code), ["media_absent", "backup_incomplete"]);
  },
);

stopServersAtTheEnd();

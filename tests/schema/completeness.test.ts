import assert from "node:assert/strict";
import type { SchemaOmission } from "../../supabase/functions/_shared/engine/dump/schema/mod.ts";
import { freshDatabase, reasonToSkip, SHARED_SERVERS, stopServersAtTheEnd } from "../support/postgres.ts";
import { emptyTarget, exportOf, psql, scriptOf } from "./round_trip.ts";

const named = (entries: readonly SchemaOmission[]) => entries.map(({ kind, identity }) => `${kind} ${identity}`).sort();

for (const version of [15, 18] as const) {
  const ignore = reasonToSkip(version) !== null;
  const name = `PostgreSQL ${version}: `;

  Deno.test({
    ...SHARED_SERVERS,
    name: `${name}what has no statement is named, and so is what stands elsewhere but is needed`,
    ignore,
    async fn() {
      const database = await freshDatabase(version);
      await psql(
        database.superuserUrl,
        `create operator class public.reversed for type integer using btree as operator 1 <, function 1 btint4cmp(integer, integer);
         create type public.shell;
         create function public.base_in(cstring) returns public.base language internal immutable strict as 'textin';
         create function public.base_out(public.base) returns cstring language internal immutable strict as 'textout';
         create type public.base (input = public.base_in, output = public.base_out, like = text);
         create text search template public.template (lexize = dsimple_lexize);
         create access method heap_too type table handler heap_tableam_handler;
         create transform for integer language sql (from sql with function time_support(internal));
         create schema elsewhere;
         create type elsewhere.kind as enum ('a');
         create function elsewhere.touch() returns trigger language plpgsql as 'begin return new; end';
         create table elsewhere.parent (id integer primary key);
         create table public.child (id integer primary key references elsewhere.parent, kind elsewhere.kind);
         create trigger touch before update on public.child for each row execute function elsewhere.touch();
         -- These depend on objects in scope, but are not needed by any.
         create view elsewhere.above as select id from public.child;
         create policy p on elsewhere.parent using (exists (select from public.child));`,
      );
      const { uncovered, notCaptured } = await exportOf(database.superuserUrl);
      // PostgreSQL 15 writes `on language`.
      assert.deepEqual(named(uncovered).map((text) => text.replace(" on language", " language")), [
        "access method heap_too",
        "function elsewhere.touch()",
        "operator class public.reversed USING btree",
        "operator family public.reversed USING btree",
        "table elsewhere.parent",
        "text search template public.template",
        "transform for integer language sql",
        "type elsewhere.kind",
        "type public.base",
        "type public.shell",
      ]);
      assert.deepEqual(named(notCaptured), ["schema elsewhere"]);
      assert.match(uncovered.find(({ kind }) => kind === "table")!.reason, /its schema is not backed up/);
    },
  });

  Deno.test({
    ...SHARED_SERVERS,
    name: `${name}what is left out on purpose is named with its reason`,
    ignore,
    async fn() {
      const database = await freshDatabase(version);
      await psql(
        database.superuserUrl,
        `create subscription other connection 'host=db.example.com password=hidden' publication p with (connect = false, slot_name = none);
         select lo_create(0);
         create extension file_fdw;
         create server files foreign data wrapper file_fdw;
         create foreign table public.lines (line text) server files options (filename '/etc/passwd', format 'csv', delimiter e'\\x01');
         create view public.short_lines as select left(line, 3) as line from public.lines;
         create materialized view public.kept_lines as select * from public.short_lines;
         create materialized view public.kept_number as select 1 as one;
         create schema private;
         create table private.notes (id integer);`,
      );
      const { statements, uncovered, notCaptured } = await exportOf(database.superuserUrl);
      assert.deepEqual(uncovered, []);
      assert.deepEqual(named(notCaptured), [
        "large object 1 large objects",
        "materialized view data public.kept_lines",
        "schema private",
        "subscription other",
      ]);
      assert.deepEqual(
        statements.filter(({ kind }) => kind === "materialized view data").map(({ identity }) => identity),
        ["public.kept_number"],
      );
      assert.doesNotMatch(JSON.stringify([statements, notCaptured]), /hidden/);
    },
  });

  Deno.test({
    ...SHARED_SERVERS,
    name: `${name}a table whose rows would have no place to go is named`,
    ignore,
    async fn() {
      const database = await freshDatabase(version);
      await psql(
        database.superuserUrl,
        `create table public.a (id integer primary key, b text);
         create view public.grouped as select id, b from public.a group by id;
         create table public.keeps (g public.grouped);`,
      );
      assert.deepEqual(named((await exportOf(database.superuserUrl)).uncovered), ["table public.keeps"]);
    },
  });

  Deno.test({
    ...SHARED_SERVERS,
    name: `${name}members of an extension in scope are neither exported nor missed`,
    ignore,
    async fn() {
      const database = await freshDatabase(version);
      await psql(
        database.superuserUrl,
        "create extension hstore; create extension cube; create table public.a (b public.hstore);",
      );
      const { statements, uncovered } = await exportOf(database.superuserUrl);
      assert.deepEqual(uncovered, []);
      assert.deepEqual(
        statements.filter(({ kind }) => kind !== "session" && !kind.includes("schema")).map(({ sql }) => sql),
        [
          "create extension if not exists cube with schema public;",
          "create extension if not exists hstore with schema public;",
          "create table public.a (\n  b public.hstore\n);",
        ],
      );
    },
  });

  Deno.test({
    ...SHARED_SERVERS,
    name: `${name}cron jobs are part of activation, without the keys in them`,
    ignore,
    async fn() {
      // These stand for pg_cron's own columns and functions. The extension itself needs a server that was started with
      // it.
      const cron = `create schema cron;
        create table cron.job (jobid bigint generated always as identity, schedule text, command text, nodename text default 'localhost',
          nodeport integer default 5432, database text default current_database(), username text default current_user,
          active boolean default true, jobname text unique);
        create function cron.schedule(text, text, text) returns bigint language sql as
          $$ insert into cron.job (jobname, schedule, command) values ($1, $2, $3) returning jobid $$;
        create function cron.alter_job(job_id bigint, active boolean) returns void language sql as
          $$ update cron.job set active = $2 where jobid = $1 $$;`;
      const source = await freshDatabase(version);
      await psql(
        source.superuserUrl,
        `${cron}
         select cron.schedule('nightly', '0 3 * * *', 'select ''it''''s \\ $lifeboat$''');
         select cron.schedule('with key', '0 4 * * *', 'select ''Bearer sb_secret_abcdefghijkl''');
         select cron.alter_job(2, false);`,
      );
      const { statements, notCaptured } = await exportOf(source.superuserUrl);
      assert.deepEqual(
        statements.filter(({ kind }) => kind.startsWith("cron")).map((
          { section, kind, identity },
        ) => [section, kind, identity]),
        [
          ["activation", "cron job", '"with key"'],
          ["activation", "cron job", "nightly"],
          ["activation", "cron job state", '"with key"'],
        ],
      );
      assert.deepEqual(named(notCaptured), ['cron job "with key"']);

      const target = await freshDatabase(version);
      await psql(target.superuserUrl, `${cron}\n${scriptOf(statements, "activation")}`);
      assert.deepEqual((await exportOf(target.superuserUrl)).statements, statements);
      // The script goes on where there is no pg_cron.
      const plain = await emptyTarget(version);
      assert.match(
        await psql(plain.superuserUrl, scriptOf(statements, "activation")),
        /cron job nightly is left as it is/,
      );
    },
  });
}

stopServersAtTheEnd();

import assert from "node:assert/strict";
import { armRestore } from "../../supabase/functions/_shared/engine/restore/mod.ts";
import { onServer, RestoreStage, schemaOf } from "../restore/stage.ts";
import { insertEverywhere } from "./insert_everywhere.ts";
import { pgDumpDifference } from "../schema/round_trip.ts";
import { reasonWithoutPgDump } from "../support/pg_dump.ts";
import {
  type PostgresVersion,
  reasonToSkip,
  runSql,
  SHARED_SERVERS,
  stopServersAtTheEnd,
} from "../support/postgres.ts";

interface Project {
  readonly file: string;
  readonly schemas: readonly string[];
  readonly rows: number;
  /** Number of columns with a sequence or an identity. */
  readonly counted: number;
  /** Statements that only work when sequences, identities, rules and rights were restored. */
  readonly use: string;
}

const PROJECTS: readonly Project[] = [
  {
    file: "film_rental",
    schemas: ["public"],
    rows: 1_900,
    counted: 12,
    use:
      `insert into category (name) values ('New'); insert into rental (inventory_id, customer_id, staff_id, during, returned)
      values (1, 1, 1, '[2026-05-01,)', true); insert into payment (rental_id, amount, payment_date) values (1, 1, '2026-02-03')`,
  },
  {
    file: "bookshop",
    schemas: ["public", "catalogue", "Sales & Orders"],
    rows: 1_000,
    counted: 3,
    use: `insert into catalogue.authors (name) values ('New'); insert into "Sales & Orders".items values ('free', 0);
      insert into "Sales & Orders".orders (region, placed, lines) values ('de', '2025-02-02', '[]')`,
  },
  {
    file: "saas",
    schemas: ["public", "app"],
    rows: 2_500,
    counted: 3,
    use:
      `insert into public.projects (tenant_id, name) select id, 'New' from app.tenants; insert into public.tasks (project_id, title)
      values (1, 'New'); insert into app.audit (what) values ('tried')`,
  },
];

// The route between two versions comes first, while the newer server has no roles of the source yet.
const ROUTES: readonly (readonly [PostgresVersion, PostgresVersion])[] = [[15, 18], [15, 15], [18, 18]];

for (const { file, schemas, rows, counted, use } of PROJECTS) {
  for (const [from, to] of ROUTES) {
    Deno.test({
      ...SHARED_SERVERS,
      name: `${file.replace("_", " ")}: backed up on PostgreSQL ${from}, restored and used on ${to}${onServer}`,
      ignore: reasonToSkip(from) !== null,
      async fn() {
        await using stage = await RestoreStage.start();
        const source = await stage.source(
          from,
          await Deno.readTextFile(new URL(`projects/${file}.sql`, import.meta.url)),
        );
        const point = await stage.backUp(source, { schemas });
        const target = await stage.empty(to);
        const report = await stage.restore(target, { point });
        assert.deepEqual(report.problems, []);
        assert.ok(report.database!.tables.every(({ equal, compared }) => equal && compared === "digest"));
        assert.ok(report.database!.rows > rows, `${report.database!.rows} rows`);
        assert.deepEqual((await armRestore(stage.dependencies(target))).restricted, []);
        if (from === to) assert.deepEqual(await schemaOf(target, schemas), await schemaOf(source, schemas));
        if (reasonWithoutPgDump(to) === null) {
          const { objects, lost, added } = await pgDumpDifference([from, to], source, target);
          assert.ok(objects > 50, `pg_dump found ${objects} objects only`);
          assert.deepEqual([lost, added], [[], []]);
        }
        assert.ok(await insertEverywhere(target.superuserUrl) >= counted);
        // The film shop's triggers, which are armed now, refuse changes of films only.
        await runSql(target.url, `begin; ${use}; set constraints all immediate; rollback`);
        const views = await viewsOf(target.url, schemas);
        for (const view of views) {
          const query = `select coalesce(array_agg(t::text order by t::text), '{}') as rows from ${view} t`;
          assert.deepEqual(await runSql(target.superuserUrl, query), await runSql(source.superuserUrl, query), view);
        }
      },
    });
  }
}

/** The rows of views and materialised views, which depend on everything else. */
async function viewsOf(url: string, schemas: readonly string[]): Promise<string[]> {
  const rows = await runSql<{ name: string }>(
    url,
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('v', 'm') and n.nspname in (${schemas.map((name) => `'${name}'`).join(", ")})`,
  );
  assert.ok(rows.length > 0);
  return rows.map(({ name }) => name);
}

stopServersAtTheEnd();

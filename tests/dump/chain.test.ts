import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { DumpManifest } from "../../supabase/functions/_shared/contract/mod.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { migrate } from "../support/migrations.ts";
import { startTestServer, type TestProject } from "../support/test_server.ts";
import { assertWhole, figures, manifestAt, onServer, withBucket } from "./chain_checks.ts";
import { Chain, type ChainOptions } from "./chain_stage.ts";
import { eventually } from "../support/eventually.ts";

const options = { sanitizeOps: false, sanitizeResources: false };
const KIBIBYTE = 1024;

/** Several members of noise that does not compress, a table with holes, values outside the rows, and empty tables. */
const TABLES = `
  create table bookings (id bigint primary key, note text);
  insert into bookings select g, repeat(md5(g::text), 8) from generate_series(1, 3000) g;
  delete from bookings where id between 700 and 1900;
  create table pictures (id int primary key, bytes bytea);
  alter table pictures alter bytes set storage external;
  insert into pictures select g, (select string_agg(sha256((g || ' ' || n)::bytea), '') from generate_series(1, 6000) n)
    from generate_series(1, 20) g;
  create table nothing (id int);
  create table swept (id int);
  insert into swept select g from generate_series(1, 5000) g;
  delete from swept;
  create table names (id int generated always as identity primary key, name text not null);
  insert into names (name) select 'name ' || g from generate_series(1, 50) g;`;

Deno.test(`a dump by many invocations${onServer}`, options, async (test) => {
  const server = await startTestServer();
  await withBucket(async (store) => {
    const project = await server.createProject(TABLES);
    await migrate(project.url);
    const dump = async (changes: Partial<ChainOptions> = {}) => {
      const chain = new Chain({ url: project.url, store, stepBytes: Infinity, ...changes });
      const row = await chain.run();
      return { chain, row };
    };
    const whole = async (changes: Partial<ChainOptions> = {}) => {
      const { chain, row } = await dump(changes);
      deepStrictEqual([row?.status, row?.error_code, row?.error_message, chain.errors], ["success", null, null, []]);
      const manifest = await manifestAt(store, row!.manifest_key!);
      await assertWhole(store, manifest);
      deepStrictEqual([row!.rows, row!.checksum], [
        manifest.tables.reduce((sum, { rows }) => sum + rows, 0),
        `sha256:${manifest.dump.sha256}`,
      ]);
      return { chain, manifest };
    };
    const one = await whole();

    await test.step("a budget that suffices makes one invocation of it", () => {
      strictEqual(one.chain.invocations.length, 1);
      const [pictures] = one.manifest.tables.filter(({ name }) => name === "pictures");
      strictEqual(pictures.rows, 20);
    });

    for (const stepBytes of [1, 1_000 * KIBIBYTE]) {
      await test.step(`steps of ${stepBytes} bytes make the same rows and digests`, async () => {
        const { chain, manifest } = await whole({ stepBytes });
        deepStrictEqual(figures(manifest), figures(one.manifest));
        ok(chain.invocations.length > (stepBytes === 1 ? 25 : 2), `${chain.invocations.length} invocations`);
        console.error(
          Object.entries(Object.groupBy(manifest.members, (m) => m.table ?? "")).map(([a, b]) => [a, b!.length]),
        );
        await untilNoSessions(project);
      });
    }
    await deaths(test, project, store, whole, dump, figures(one.manifest));
    await locks(test, project, store, whole, dump);
  });
  await server.stop();
});

type Dump = (changes?: Partial<ChainOptions>) => Promise<{ chain: Chain; row: Awaited<ReturnType<Chain["run"]>> }>;
type Whole = (changes?: Partial<ChainOptions>) => Promise<{ chain: Chain; manifest: DumpManifest }>;

const STEP = 1_500 * KIBIBYTE;

async function deaths(
  test: Deno.TestContext,
  project: TestProject,
  store: ObjectStore,
  whole: Whole,
  dump: Dump,
  expected: unknown,
): Promise<void> {
  const points: [string, RegExp][] = [
    ["while it reads", /^copy/],
    ["when it begins an upload", /s3 open upload/],
    ["after it has completed the upload", /s3 completed/],
    ["before it settles the run", /settle_run/],
  ];
  for (const [when, at] of points) {
    await test.step(`an invocation that dies ${when} costs a step`, async () => {
      let killed = 0;
      const { chain, manifest } = await whole({
        stepBytes: STEP,
        before: async (invocation, _action, what) => {
          if (killed || invocation.number < 3 || !at.test(what)) return;
          killed = invocation.number;
          await invocation.kill();
        },
      });
      ok(killed > 2, "none was killed");
      ok(chain.invocations.length > 3);
      deepStrictEqual(figures(manifest), expected);
      // The run remembers a step that was begun twice: from then on each takes on half. The other deaths hit before a step was
      // claimed, or after its end was written.
      const lost = chain.invocations.map((invocation) => invocation.lostSteps);
      deepStrictEqual([lost[0], Math.max(...lost)], [0, when === "when it begins an upload" ? 1 : 0]);
    });
  }

  await test.step("when all that hold the snapshot die, nothing looks whole and the parts are given back", async () => {
    const { chain, row } = await dump({
      stepBytes: STEP,
      before: async (invocation, _action, what) => {
        if (invocation.number !== 3 || !/^copy/.test(what)) return;
        for (const other of chainOf(invocation)) if (!other.dead) void other.kill();
        await invocation.kill();
      },
      onInvocation: (invocation) => void alive.push(invocation),
    });
    alive.length = 0;
    strictEqual(row, undefined);
    ok(chain.invocations.every(({ dead }) => dead));
    const [{ point }] = await project.sql<{ point: string }>(
      "select recovery_point as point from backup_history where status = 'running'",
    );
    const keys = (await Array.fromAsync(store.list("backups/"))).map(({ key }) => key);
    deepStrictEqual(keys.filter((key) => key.includes(point)), []);
    await project.sql("update lifeboat.leases set expires_at = clock_timestamp() where run_id is not null");
    await project.sql("select lifeboat.close_abandoned_runs()");
    const [{ first, second }] = await project.sql<{ first: { recovery_point: string }; second: unknown }>(
      "select lifeboat.claim_dump_restart() as first, lifeboat.claim_dump_restart() as second",
    );
    deepStrictEqual([first?.recovery_point, second], [point, null]);
    // What stands for it begins as small as the next step of the lost one would have been.
    const { chain: again } = await whole({ stepBytes: STEP });
    strictEqual(again.invocations[0].lostSteps, 1);
    await project.sql("update lifeboat.dumps set restarted_at = null");
  });
}

const alive: Chain["invocations"] = [];
function chainOf(_invocation: unknown): Chain["invocations"] {
  return alive;
}

async function locks(
  test: Deno.TestContext,
  project: TestProject,
  store: ObjectStore,
  whole: Whole,
  dump: Dump,
): Promise<void> {
  await test.step("a TRUNCATE between invocations waits until the table was read", async () => {
    await project.sql("create table log as select g as id, repeat('x', 200) as note from generate_series(1, 4000) g");
    let truncated: Promise<unknown> | undefined;
    const { row } = await dump({
      stepBytes: STEP,
      onInvocation: ({ number }) => void (number === 2 && (truncated = project.sql("truncate log"))),
    });
    await truncated;
    if (row!.status === "success") {
      const { tables } = await manifestAt(store, row!.manifest_key!);
      strictEqual(tables.find(({ name }) => name === "log")!.rows, 4000);
    } else {
      strictEqual(row!.error_code, "lock_timeout");
    }
    await project.sql("drop table log");
  });

  await test.step("an ALTER that waits ends the dump, by name, and is not kept waiting", async () => {
    let altered: Promise<unknown> | undefined;
    const { row } = await dump({
      stepBytes: 1,
      before: async ({ number }, action) => {
        if (number !== 3 || action !== 1) return;
        altered = project.sql("alter table swept add column secret text default 'a-hidden-value'");
        await untilWaiting(project, "swept");
      },
    });
    await altered;
    deepStrictEqual([row!.status, row!.error_code], ["failed", "lock_timeout"]);
    match(row!.error_message!, /Table swept .* waits to have it for itself \(alter table swept add column secret text/);
    ok(!row!.error_message!.includes("hidden-value"));
    await untilNoSessions(project);
    await whole({ stepBytes: STEP });
  });

  await test.step("cancelling reaches whichever invocation is at work", async () => {
    const { row } = await dump({
      stepBytes: 1,
      onInvocation: async ({ number }) => {
        if (number === 4) await project.sql("select lifeboat.request_cancel(run_id) from lifeboat.leases");
      },
    });
    strictEqual(row!.status, "cancelled");
    await untilNoSessions(project);
  });
}

function untilWaiting(project: TestProject, table: string): Promise<boolean> {
  return eventually(`somebody waits for ${table}`, async () => {
    const [{ waiting }] = await project.sql<{ waiting: boolean }>(
      "select exists (select from pg_locks where relation = $1::regclass and not granted) as waiting",
      [table],
    );
    return waiting;
  });
}

/** Throws unless no session holds a snapshot any more. */
function untilNoSessions(project: TestProject): Promise<boolean> {
  return eventually("no session of Lifeboat is left", async () => {
    const rows = await project.sql(
      "select from pg_stat_activity where datname = current_database() and application_name like 'lifeboat%'",
    );
    return rows.length === 0;
  });
}

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { assertWhole, figures, manifestAt, withBucket } from "./chain_checks.ts";
import { Chain, type ChainTiming } from "./chain_stage.ts";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { closeAbandonedRuns } from "../../supabase/functions/_shared/engine/maintenance/close_abandoned_runs.ts";
import { returnUploads } from "../../supabase/functions/_shared/engine/maintenance/return_uploads.ts";
import { migrate } from "../support/migrations.ts";
import { startTestServer } from "../support/test_server.ts";
import { lasting } from "../support/lasting.ts";

const TABLES = `
  create table orders (id int primary key, note text);
  insert into orders select g, repeat(md5(g::text), 12) from generate_series(1, 3000) g;
  create table clips (id int primary key, bytes bytea);
  alter table clips alter bytes set storage external;
  insert into clips select g, (select string_agg(sha256((g || ' ' || n)::bytea), '') from generate_series(1, 8000) n)
    from generate_series(1, 6) g;`;
const STEP_BYTES = 1024 * 1024;
/** The error codes that a dump may end with when too many of its invocations were killed. */
const CLEAN = [
  "snapshot_lost",
  "step_abandoned",
  "step_not_started",
  "store_failed",
  "upload_missing",
  "run_abandoned",
  "lease_lost",
];

/** Times that are shorter than a pause, but long enough for a busy machine. */
const TIMING: ChainTiming = {
  leaseMs: 2_000,
  heartbeatMs: 300,
  progressMs: 100,
  answerMs: 1_500,
  settleMs: 1_500,
  pollMs: 100,
  silentMs: 1_000,
  holdMs: 8_000,
};
/** Share of the faults that are pauses; the others are deaths. */
const PAUSES = 0.4;
const LONGEST_PAUSE_MS = 2_500;

export interface RandomKills {
  readonly succeeded: number;
  readonly failed: readonly string[];
}

/**
 * Dumps a small project again and again until at least `least` invocations were killed. Invocations are killed, or
 * paused for longer than others wait for them, at random places. Each dump must end with equal data, or fail without
 * leaving anything in the bucket that looks like a backup. Prints what happened.
 */
export async function killDumpAtRandom(least: number, seed: number): Promise<RandomKills> {
  const random = generator(seed);
  const server = await startTestServer();
  const counts = { kills: 0, pauses: 0 };
  let succeeded = 0;
  const failed: string[] = [];
  await withBucket(async (store) => {
    const project = await server.createProject(TABLES);
    await migrate(project.url);
    const database = createPostgresDatabase({ url: project.url });
    const dump = async (strikeAt: (invocation: number) => number | undefined) => {
      const fates = new Map<number, number | undefined>();
      return await new Chain({
        url: project.url,
        store,
        stepBytes: STEP_BYTES,
        timing: TIMING,
        async meanwhile() {
          await closeAbandonedRuns(database);
          await returnUploads(database, store);
        },
        async before(invocation, action) {
          const { number } = invocation;
          if (!fates.has(number)) fates.set(number, strikeAt(number));
          if (fates.get(number) !== action || counts.kills >= least) return;
          if (random() < PAUSES) {
            counts.pauses++;
            invocation.process.pause(lasting(Math.ceil(random() * LONGEST_PAUSE_MS)));
          } else {
            counts.kills++;
            await invocation.kill();
          }
        },
      }).run();
    };
    const first = await dump(() => undefined);
    const expected = figures(await manifestAt(store, first!.manifest_key!));
    const assertEqual = async (manifestKey: string) => {
      const manifest = await manifestAt(store, manifestKey);
      await assertWhole(store, manifest);
      deepStrictEqual(figures(manifest), expected);
    };
    const stored: string[] = [];
    while (counts.kills < least) {
      // An invocation sends about forty statements and requests. Until the second one starts, only the first one holds
      // the snapshot, so it is killed less often.
      const row = await dump((number) => random() < (number === 1 ? 0.1 : 0.7) ? Math.ceil(random() * 50) : undefined);
      if (row?.status === "success") {
        await assertEqual(row.manifest_key!);
        stored.push(row.manifest_key!);
        succeeded++;
        continue;
      }
      await project.sql("update lifeboat.leases set expires_at = clock_timestamp() where run_id is not null");
      await closeAbandonedRuns(database);
      const [run] = await project.sql<{ status: string; recovery_point: string; error_code: string }>(
        "select status, recovery_point, error_code from backup_history order by started_at desc limit 1",
      );
      strictEqual(run.status, "failed");
      ok(CLEAN.includes(run.error_code), run.error_code);
      failed.push(run.error_code);
      // An invocation that was paused after it last confirmed the lease stores the manifest of a run that is closed by
      // now.
      const keys = (await Array.fromAsync(store.list("backups/"))).map(({ key }) => key);
      for (const key of keys) if (key.includes(`${run.recovery_point}.manifest`)) await assertEqual(key);
    }
    for (const key of stored) await assertEqual(key);
  });
  await server.stop();
  const { kills, pauses } = counts;
  console.log(
    `${kills} kills and ${pauses} pauses: ${succeeded} dumps succeeded, ${failed.length} failed (${failed.join(", ")})`,
  );
  return { succeeded, failed };
}

/** mulberry32: the same sequence for the same seed. */
function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The seed in LIFEBOAT_SEED, with which a failure can be repeated; otherwise a new one. */
export function seedOfRun(): number {
  return Number(Deno.env.get("LIFEBOAT_SEED") ?? Math.floor(Math.random() * 2 ** 31));
}

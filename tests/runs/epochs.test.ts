import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { hasCode } from "../../supabase/functions/_shared/engine/errors.ts";
import { executeRun, startRun } from "../../supabase/functions/_shared/engine/run/run_store.ts";
import { beginRunOfKind, DATABASE_RUN, FAST, runProject } from "./harness.ts";
import { startTestServer } from "../support/test_server.ts";

Deno.test("a worker whose run another has taken over can write nothing of it any more", async () => {
  const server = await startTestServer();
  try {
    const project = await runProject(server);
    // No heartbeat renews the lease, so it must be long enough not to run out on a busy machine.
    const timing = { ...FAST, leaseMs: 120_000 };
    const run = await startRun({ ...project.dependencies, timing }, DATABASE_RUN);
    const ask = async (call: string) => {
      const [{ answer }] = await project.sql<{ answer: unknown }>(`select ${call} as answer`, [run.id, run.epoch]);
      return answer;
    };
    const state = () =>
      project.sql(
        `select l.expires_at, l.epoch, h.status, r.upload_id, (select count(*) from lifeboat.dump_steps) as steps
         from lifeboat.leases l join public.backup_history h on h.id = l.run_id join lifeboat.runs r using (run_id)
         where l.run_id = $1`,
        [run.id],
      );
    await project.sql("insert into lifeboat.dumps (run_id) values ($1) on conflict do nothing", [run.id]);
    await project.sql("update lifeboat.leases set epoch = epoch + 1 where run_id = $1", [run.id]);
    await project.sql("update lifeboat.runs set epoch = epoch + 1 where run_id = $1", [run.id]);
    const before = await state();
    strictEqual(before.length, 1);

    strictEqual(await ask("lifeboat.checkpoint_dump($1, $2, 1, '{}', '{}', '{}', null)"), false);
    deepStrictEqual(await ask("lifeboat.claim_dump_step($1, $2, 1, 1000, '{}')"), { taken: true });
    strictEqual(await ask("lifeboat.give_back_dump_step($1, $2, 5)"), false);
    await rejects(run.remember({ uploadKey: "k", uploadId: "u" }), (error) => hasCode(error, "run_taken_over"));
    await rejects(run.confirm(), (error) => hasCode(error, "run_taken_over"));
    await rejects(
      executeRun(run, () => Promise.resolve({ status: "success", details: {} })),
      (error) => hasCode(error, "run_taken_over"),
    );
    deepStrictEqual(await state(), before);

    const media = { ...DATABASE_RUN, kind: "media" as const };
    const epochs: number[] = [];
    for (let holder = 0; holder < 2; holder++) {
      const run = await beginRunOfKind({ ...project.dependencies, timing }, media);
      epochs.push(Number(run.epoch));
      const [{ epoch }] = await project.sql<{ epoch: string }>(
        "select epoch::text from lifeboat.leases where run_id = $1",
        [
          run.id,
        ],
      );
      strictEqual(epoch, run.epoch);
      await project.sql('select lifeboat.settle_run($1, $2, \'{"status": "failed"}\')', [run.id, run.epoch]);
      await run.connection.close();
    }
    strictEqual(epochs[1], epochs[0] + 1);
  } finally {
    await server.stop();
  }
});

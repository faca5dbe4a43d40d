import { deepStrictEqual, ok } from "node:assert/strict";
import { seedOfRun } from "../dump/random_kills.ts";
import { assertDatabaseIsInDump } from "../scenarios/dump_checks.ts";
import { livingDumpers, startManyProcesses } from "../scenarios/many_processes.ts";
import { assertManifestsHold, readBucket } from "../support/bucket_contents.ts";
import { eventually } from "../support/eventually.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";
import { lasting } from "../support/lasting.ts";

const missing = await versitygwIsMissing();
const ROUNDS = 6;
/** A writer counts as dead when it is silent for 25 s. */
const STOPPED_MS = 35_000;
const seed = seedOfRun();

Deno.test({
  name:
    `${ROUNDS} dumps whose newest process is stopped (SIGSTOP) for longer than the others wait, LIFEBOAT_SEED=${seed}` +
    (missing ? `: ${missing}` : ""),
  ignore: missing !== undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using server = await startVersitygw();
    await using project = await startManyProcesses(server.settings);
    for (let round = 0; round < ROUNDS; round++) {
      const id = (await project.call("database-backup", { trigger: "cron" })).body.runId as string;
      // The place is between the second and the fourth checkpoint.
      const checkpoints = 2 + (seed + round) % 3;
      await eventually(
        `${checkpoints} checkpoints`,
        async () =>
          (await project.sql("select 1 from lifeboat.dump_steps where run_id = $1", [id])).length >= checkpoints,
        60_000,
      );
      const { pid } = livingDumpers(project).at(-1)!;
      Deno.kill(pid, "SIGSTOP");
      await lasting(STOPPED_MS);
      try {
        Deno.kill(pid, "SIGCONT");
      } catch {
        // The platform has ended the process meanwhile.
      }
      const row = await eventually("the dump has ended", async () => {
        const row = await project.run(id);
        return row.status !== "running" && row;
      }, 180_000);
      console.log(`round ${round}, stopped after ${checkpoints} checkpoints: ${row.status} ${row.error_code ?? ""}`);
      if (row.status === "success") await assertDatabaseIsInDump(project, row);
      else deepStrictEqual(row.status, "failed");
      ok(row.finished_at);
    }
    await assertManifestsHold(project.bucket, await readBucket(project.bucket));
  },
});

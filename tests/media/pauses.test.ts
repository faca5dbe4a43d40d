import { deepStrictEqual } from "node:assert/strict";
import { storeOn } from "../support/s3_server.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";
import { assertReachable, assertStored, Crew } from "./crew.ts";
import { MediaProject } from "./project.ts";

// s3rver does not heed the ETag that a copy asks for.
const without = await versitygwIsMissing();

Deno.test({
  name:
    "an invocation that was stopped before it archives, and goes on after another took its files over, harms no copy" +
    (without ? `: ${without}` : ""),
  ignore: without !== undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using project = await MediaProject.startWithRuns();
    await using server = await startVersitygw();
    const store = storeOn(server);
    const points: string[] = [];
    for (const round of [1, 2]) {
      for (let i = 0; i < 40; i++) await project.upload("photos", `file ${i}`, `content ${i} of ${round}`);
      // Others are at work until long after its claims have ended.
      project.storage.onRequest = () => new Promise((resolve) => setTimeout(resolve, 60));
      let wasStopped = false;
      const crew = new Crew(project, store, {
        stepBytes: 100 * 1024 * 1024,
        claimMs: 200,
        pauseMs: (number, _step, what) => {
          if (wasStopped || number !== 1 || !what.startsWith("copy media-backups/photos")) return;
          wasStopped = true;
          return 800;
        },
      });
      const point = await crew.start(await crew.dumped());
      const runs = (await crew.untilSettled()).filter((run) => run.recovery_point === point);
      deepStrictEqual([runs[0].status, runs[0].error_message], ["success", null]);
      deepStrictEqual(wasStopped, round === 2);
      points.push(point);
      await assertStored(project, store, point);
      for (const earlier of points) await assertReachable(store, earlier);
    }
  },
});

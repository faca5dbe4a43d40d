import { deepStrictEqual, ok } from "node:assert/strict";
import { prefixedStore } from "../../supabase/functions/_shared/engine/store/prefixed_store.ts";
import { storeOn } from "../support/s3_server.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";
import { assertReachable, assertStored, Crew } from "./crew.ts";
import { MediaProject } from "./project.ts";

// s3rver does not heed the ETag that a copy or a write asks for.
const without = await versitygwIsMissing();

Deno.test({
  name: "an invocation that was stopped, and goes on after another took its files over, harms no copy" +
    (without ? `: ${without}` : ""),
  ignore: without !== undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (test) => {
    await using project = await MediaProject.startWithRuns();
    await using server = await startVersitygw();

    for (const at of ["copy media-backups/photos", "put media-backups/photos"]) {
      await test.step(`stopped before ${at}`, async () => {
        await project.reset();
        await project.sql("truncate lifeboat.media_destination");
        const store = prefixedStore(storeOn(server), `${at.slice(0, 4)}/`);
        const points: string[] = [];
        for (const round of [1, 2]) {
          for (let i = 0; i < 40; i++) await project.upload("photos", `file ${i}`, `content ${i} of ${round}`);
          let stopped = "";
          project.storage.onRequest = async (name) => {
            // Others are at work until long after its claims have ended, and find a newer file.
            await new Promise((resolve) => setTimeout(resolve, 60));
            if (stopped.endsWith(`/${name}`)) await project.upload("photos", name.slice(7), `newer ${name}`);
          };
          const crew = new Crew(project, store, {
            stepBytes: 100 * 1024 * 1024,
            claimMs: 200,
            pauseMs: (number, _step, what) => {
              if (stopped || round === 1 || number !== 1 || !what.startsWith(at)) return;
              stopped = what;
              return 800;
            },
          });
          const point = await crew.start(await crew.dumped());
          const runs = (await crew.untilSettled()).filter((run) => run.recovery_point === point);
          deepStrictEqual([runs[0].status, runs[0].error_message], ["success", null]);
          ok(round === 1 || stopped);
          points.push(point);
          await assertStored(project, store, point, true);
          for (const earlier of points) await assertReachable(store, earlier);
        }
      });
    }
  },
});

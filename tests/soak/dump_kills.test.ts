import { ok } from "node:assert/strict";
import { killAtRandom, seedOfRun } from "../dump/random_kills.ts";

const seed = seedOfRun();

Deno.test({
  name: `200 invocations of a dump killed at random, others paused, LIFEBOAT_SEED=${seed}`,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const { kills, pauses, succeeded, failed } = await killAtRandom(200, seed);
    console.log(
      `${kills} kills and ${pauses} pauses: ${succeeded} dumps succeeded, ${failed.length} failed (${
        failed.join(", ")
      })`,
    );
    ok(succeeded > failed.length, `${succeeded} succeeded, ${failed.length} failed`);
  },
});

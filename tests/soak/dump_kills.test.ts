import { ok } from "node:assert/strict";
import { killDumpAtRandom, seedOfRun } from "../dump/random_kills.ts";

const seed = seedOfRun();

Deno.test({
  name: `200 invocations of a dump killed at random, others paused, LIFEBOAT_SEED=${seed}`,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const { succeeded, failed } = await killDumpAtRandom(200, seed);
    ok(succeeded > failed.length, `${succeeded} succeeded, ${failed.length} failed`);
  },
});

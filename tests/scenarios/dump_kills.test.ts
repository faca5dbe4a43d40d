import { ok } from "node:assert/strict";
import { onServer } from "../dump/chain_checks.ts";
import { killDumpAtRandom, seedOfRun } from "../dump/random_kills.ts";

const seed = seedOfRun();

Deno.test({
  name:
    `20 invocations killed at random, others paused, LIFEBOAT_SEED=${seed}: equal data or a clean failure${onServer}`,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const { succeeded } = await killDumpAtRandom(20, seed);
    ok(succeeded > 0, "no dump survived");
  },
});

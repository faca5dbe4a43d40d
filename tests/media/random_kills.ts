import { deepStrictEqual, ok } from "node:assert/strict";
import { objectCostBytes } from "../../supabase/functions/_shared/engine/media/copy_queue.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { assertStored, Crew } from "./crew.ts";
import type { MediaProject } from "./project.ts";

const mebibyte = 1024 * 1024;
/** Most effects after which an invocation dies: one with a full budget has about fifty. */
const mostSteps = 40;

/**
 * Media runs of a small project with tight budgets, whose invocations are killed at random steps until so many were: new
 * files, overwritten ones, and one that goes in parts. Each run ends in success with every file equal, or failed cleanly
 * and is followed by one that succeeds. Prints the seed.
 */
export async function killAtRandom(
  project: MediaProject,
  store: ObjectStore,
  kills: number,
  seed: number = Math.floor(Math.random() * 2 ** 31),
): Promise<void> {
  console.log(`      seed ${seed}`);
  const random = randomOf(seed);
  let killed = 0;
  let invocations = 0;
  let rounds = 0;
  for (; killed < kills; rounds++) {
    for (let i = 0; i < 30; i++) await project.upload("photos", `file ${i + rounds * 10}`, `content ${i} ${rounds}`);
    const film = new Uint8Array(12 * mebibyte + 5).map((_, i) => rounds + i * 7 + (i >> 9));
    await project.upload("videos", "film.mp4", film);
    const crew: Crew = new Crew(project, store, {
      stepBytes: 12 * objectCostBytes,
      partSizeBytes: 5 * mebibyte,
      dies: () => killed + crew.killed < kills ? 1 + Math.floor(random() * mostSteps) : undefined,
    });
    const point = await crew.start(await crew.dumped());
    const runs = (await crew.untilSettled()).filter((run) => run.recovery_point === point);
    deepStrictEqual([runs.at(-1)!.status, runs.at(-1)!.skipped], ["success", 0], JSON.stringify(runs.at(-1)));
    ok(runs.slice(0, -1).every((run) => run.status === "failed"));
    await assertStored(project, store, point);
    killed += crew.killed;
    invocations += crew.invocations.length;
  }
  console.log(`      ${killed} of ${invocations} invocations of ${rounds} runs were killed`);
}

function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

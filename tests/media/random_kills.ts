import { deepStrictEqual, ok } from "node:assert/strict";
import { OBJECT_COST_BYTES } from "../../supabase/functions/_shared/engine/media/copy_queue.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { assertReachable, assertStored, WorkerPool } from "./worker_pool.ts";
import type { MediaProject } from "./project.ts";
import { lasting } from "../support/lasting.ts";

const MEBIBYTE = 1024 * 1024;
/** Greatest number of effects after which an invocation dies. One that uses its whole budget has about fifty. */
const MOST_STEPS = 40;
/** Share of the faults that are pauses; the others are deaths. */
const PAUSES = 0.5;
/** Longest pause. Claims last 0.4 s and the lease lasts 1 s, so that a pause may outlast both. */
const LONGEST_PAUSE_MS = 1_800;
/** Share of the files that are replaced right before they are read. */
const REPLACED = 0.2;

/**
 * Makes media runs of a small project with small budgets until so many invocations were killed. Invocations are killed,
 * or paused for longer than their claims last, at random steps. Files are new or overwritten, some of them while they
 * are read, and one is sent in parts. Each run must succeed with every file as its manifest says, or fail and be
 * followed by a run that succeeds; and everything that earlier points name must stay. Prints the seed.
 */
export async function killMediaAtRandom(
  project: MediaProject,
  store: ObjectStore,
  least: number,
  seed: number = Math.floor(Math.random() * 2 ** 31),
): Promise<void> {
  console.log(`      seed ${seed}`);
  const random = randomOf(seed);
  let killed = 0;
  let paused = 0;
  let invocations = 0;
  let rounds = 0;
  const points: string[] = [];
  for (; killed < least; rounds++) {
    for (let i = 0; i < 30; i++) await project.upload("photos", `file ${i + rounds * 10}`, `content ${i} ${rounds}`);
    const film = new Uint8Array(12 * MEBIBYTE + 5).map((_, i) => rounds + i * 7 + (i >> 9));
    await project.upload("videos", "film.mp4", film);
    let replacements = 0;
    project.storage.onRequest = async (name) => {
      const [bucket, path] = [name.slice(0, name.indexOf("/")), name.slice(name.indexOf("/") + 1)];
      if (bucket !== "photos" || random() >= REPLACED) return;
      await project.upload(bucket, path, `replaced ${++replacements} ${rounds}`);
    };
    const fates = new Map<number, { readonly dies: boolean; readonly step: number } | undefined>();
    const fate = (number: number) => {
      const struck = killed + pool.killed;
      const strike = () => ({ dies: random() >= PAUSES, step: 1 + Math.floor(random() * MOST_STEPS) });
      if (!fates.has(number)) fates.set(number, struck < least ? strike() : undefined);
      return fates.get(number);
    };
    const pool: WorkerPool = new WorkerPool(project, store, {
      stepBytes: 12 * OBJECT_COST_BYTES,
      partSizeBytes: 5 * MEBIBYTE,
      claimMs: 400,
      dies: (number) => fate(number)?.dies ? fate(number)!.step : undefined,
      pauses: (number, step) =>
        fate(number)?.dies === false && fate(number)!.step === step
          ? lasting(Math.ceil(random() * LONGEST_PAUSE_MS))
          : undefined,
    });
    const point = await pool.start(await pool.dumped());
    const runs = (await pool.untilSettled()).filter((run) => run.recovery_point === point);
    project.storage.onRequest = undefined;
    deepStrictEqual([runs.at(-1)!.status, runs.at(-1)!.skipped], ["success", 0], JSON.stringify(runs.at(-1)));
    ok(runs.slice(0, -1).every((run) => run.status === "failed"));
    await assertStored(project, store, point, replacements > 0);
    points.push(point);
    for (const earlier of points) await assertReachable(store, earlier);
    killed += pool.killed;
    paused += pool.paused;
    invocations += pool.invocations.length;
  }
  console.log(`      of ${invocations} invocations of ${rounds} runs ${killed} were killed and ${paused} paused`);
}

function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

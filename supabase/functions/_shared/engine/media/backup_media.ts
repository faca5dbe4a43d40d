import type { Clock } from "../clock.ts";
import type { Session } from "../database.ts";
import type { Budget } from "../run/budget.ts";
import { unlimitedBudget } from "../run/budget.ts";
import type { Run, RunOutcome } from "../run/run.ts";
import { Semaphore } from "../semaphore.ts";
import { abortAbandonedUploads } from "./abandoned_uploads.ts";
import { closeMediaPoint } from "./close_media_point.ts";
import { copyQueue } from "./copy_queue.ts";
import { claimClosing, noteWarnings, readOutcome, releaseClosing } from "./media_point.ts";
import type { MediaDependencies, MediaSettings } from "./media_settings.ts";
import { CLAIM_MS, createMediaQueue, type MediaQueue } from "./media_queue.ts";
import { listMediaObjects, readObjectList } from "./object_list.ts";

/** One of the invocations that work on a point. */
export interface MediaInvocation {
  /** UUID of the invocation. Its claims carry it. */
  readonly id: string;
  /** It began the run, or took it up after all others had died: it lists, links, and takes over what is claimed. */
  readonly begins: boolean;
  readonly budget: Budget;
  /** Called once by the one that begins, when it is known what there is to copy: others may join. */
  readonly onQueue?: () => Promise<void>;
  /** What the owner should know of how it began. */
  readonly warnings?: readonly string[];
}

/**
 * How one invocation ended. `closed`: the point's manifest lies in S3, and how the run ended is known. `more`: its budget
 * is spent and another one has to go on. `elsewhere`: nothing is left that others are not at; they close the point.
 */
export type MediaStep =
  | { readonly state: "closed"; readonly outcome: RunOutcome }
  | { readonly state: "more" }
  | { readonly state: "elsewhere" };

const MEBIBYTE = 1024 * 1024;

/**
 * Copies the objects of a recovery point and writes its media manifest, alone and without limits. A run that is started
 * again for the same point continues where the last one stopped, and one for a closed point answers what was answered
 * then. Throws as `workOnMedia`.
 */
export async function backupMedia(
  dependencies: MediaDependencies,
  settings: MediaSettings,
  run: Run,
  warnings: readonly string[] = [],
): Promise<RunOutcome> {
  for (;;) {
    const invocation = { id: crypto.randomUUID(), begins: true, budget: unlimitedBudget, warnings };
    const step = await workOnMedia(dependencies, settings, run, invocation);
    if (step.state === "closed") return step.outcome;
  }
}

/**
 * Works on a recovery point's objects until they are all copied or the budget is spent. Each step is an effect that may be
 * repeated and then a checkpoint in `lifeboat`: an invocation may die at any of them, and others go on.
 *
 * Throws what nobody's single object is to blame for: `store_refused`, `bucket_missing`, `store_unavailable`,
 * `source_refused`, `source_unavailable`, `database_*`, `run_cancelled`, `run_taken_over`, `storage_absent`,
 * `media_manifest_differs`.
 */
export async function workOnMedia(
  dependencies: MediaDependencies,
  settings: MediaSettings,
  run: Run,
  invocation: MediaInvocation,
): Promise<MediaStep> {
  const session = await dependencies.database.connect({ applicationName: "lifeboat media" }, run.signal);
  const holdMs = settings.claimMs ?? CLAIM_MS;
  const queue = createMediaQueue(session, run.recoveryPoint, invocation.id, run.signal, holdMs);
  const ended = new AbortController();
  try {
    await session.query(SESSION_SETTINGS, undefined, run.signal);
    const known = await readOutcome(session, run.recoveryPoint, run.signal);
    if (known) return { state: "closed", outcome: known };
    if (invocation.begins) await begin(session, dependencies, settings, run, queue, invocation.warnings ?? []);
    await invocation.onQueue?.();
    const renewing = keepClaims(queue, dependencies.clock, holdMs, ended.signal);
    try {
      return await Promise.race([work(session, dependencies, settings, run, invocation, queue), renewing]);
    } finally {
      ended.abort();
    }
  } finally {
    await session.close();
  }
}

/** Hosted Supabase ends statements after two minutes; an error is better than rows that a policy hides. */
const SESSION_SETTINGS = `set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set lock_timeout = 0;
  set search_path = ''; set timezone = 'UTC'; set row_security = off`;

async function begin(
  session: Session,
  dependencies: MediaDependencies,
  settings: MediaSettings,
  run: Run,
  queue: MediaQueue,
  warnings: readonly string[],
): Promise<void> {
  await listPoint(session, settings, run);
  const leftovers = await abortAbandonedUploads(session, dependencies.store, run);
  await noteWarnings(session, run.recoveryPoint, [...warnings, ...leftovers], run.signal);
  await queue.takeOver();
  await queue.link();
}

/** The dump wrote the list in its own snapshot; a media run without a dump writes it now. */
async function listPoint(session: Session, settings: MediaSettings, run: Run): Promise<void> {
  run.report({ phase: "listing" });
  if (await readObjectList(session, run.recoveryPoint, run.signal)) return;
  await session.query("begin isolation level repeatable read", undefined, run.signal);
  await listMediaObjects(session, { recoveryPoint: run.recoveryPoint, buckets: settings.buckets }, run.signal);
  await session.query("commit", undefined, run.signal);
}

async function work(
  session: Session,
  dependencies: MediaDependencies,
  settings: MediaSettings,
  run: Run,
  invocation: MediaInvocation,
  queue: MediaQueue,
): Promise<MediaStep> {
  const { budget } = invocation;
  const memoryBytes = settings.maxBytesInFlight ?? 15 * MEBIBYTE;
  const concurrency = settings.concurrency ?? 12;
  await copyQueue(
    {
      ...dependencies,
      session,
      queue,
      run,
      budget,
      partBytes: settings.partSizeBytes ?? 5 * MEBIBYTE,
      streaming: { mostBytes: settings.oneRequestBytes ?? 0, isProven: false, failures: 0 },
      memory: new Semaphore(memoryBytes),
    },
    { concurrency, batchObjects: 4 * concurrency, batchBytes: 4 * memoryBytes },
    // What all invocations have done together, which the queue counts.
    (figures) => run.report({ phase: "files", ...figures }),
  );
  const point = run.recoveryPoint;
  if (!await claimClosing(session, point, invocation.id, settings.claimMs ?? CLAIM_MS, run.signal)) {
    return budget.spent() ? { state: "more" } : { state: "elsewhere" };
  }
  // What there is to write may take all that an invocation may use.
  const outcome = budget.spent()
    ? undefined
    : await closeMediaPoint({ ...dependencies, session, budget, finisher: invocation.id }, settings, run);
  if (outcome) return { state: "closed", outcome };
  await releaseClosing(session, point, invocation.id, run.signal);
  return { state: "more" };
}

/** Rejects when claims cannot be renewed any more; never resolves. */
async function keepClaims(queue: MediaQueue, clock: Clock, holdMs: number, until: AbortSignal): Promise<never> {
  const stopped = new Promise<never>(() => {});
  while (!until.aborted) {
    try {
      await clock.sleep(holdMs / 3, until);
    } catch {
      return await stopped;
    }
    await queue.renew();
  }
  return await stopped;
}

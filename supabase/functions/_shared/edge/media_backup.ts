import { createMediaCaller } from "../adapters/supabase/function_caller.ts";
import { composeMediaBackup } from "../compose/media_backup.ts";
import { type BackupHistoryRow, type MediaBackupBody, mediaBackupBody } from "../contract/mod.ts";
import type { EdgeHost } from "./host.ts";
import { shareMediaBackup } from "../engine/backup/run_media_backup.ts";
import { beginMediaRun, dismissMediaWorker, joinMediaRun, type MediaShare } from "../engine/backup/media_run.ts";
import { systemClock } from "../engine/clock.ts";
import { LifeboatError } from "../engine/errors.ts";
import { OBJECT_COST_BYTES } from "../engine/media/copy_queue.ts";
import { type BackupEndpoint, notForAdmins } from "../http/backup_endpoint.ts";
import { createProcessBudget } from "../compose/process_budget.ts";

/**
 * The CPU that a process uses grows with the bytes that it moves, and an object costs as much as 128 KiB more. A process that
 * moved so many bytes has used some 0.7 s, its start included (docs/PERFORMANCE.md).
 */
const STEP_BYTES = 30 * 1024 * 1024;
/** A request is sure of 75 s. After this time no new copy begins; those that are under way have the rest. */
const STEP_WALL_MS = 40_000;

/** Runs that this process works on, begun or about to be. Two would share its CPU and memory, so a second does not join. */
const atWork = new Set<object>();

/** `backup-media`: begins a media run, or joins one at which other workers are. */
export function createMediaBackup(host: EdgeHost): BackupEndpoint<MediaBackupBody> {
  return {
    body: mediaBackupBody,
    access: host.access,
    async begin(body, caller, trigger) {
      if (!body.join) {
        let share: MediaShare | undefined;
        const run = await host.begin(body, caller, trigger, async (dependencies, request) => {
          share = await beginMediaRun(dependencies, request);
          return share.run;
        });
        return { run, complete: (shutDown) => work(host, share!, shutDown) };
      }
      if (caller.kind !== "service") throw notForAdmins("lets further invocations join a media run");
      const dependencies = { database: host.composition().database, clock: systemClock };
      if (atWork.size > 0) {
        await dismissMediaWorker(dependencies.database, body.join.worker);
        throw notNeeded();
      }
      // The place is taken before the first await, because several calls may arrive at once.
      atWork.add(body.join);
      try {
        const share = await joinMediaRun(dependencies, body.join);
        if (!share) throw notNeeded();
        atWork.add(share.run);
        return { run: share.run, complete: (shutDown) => work(host, share, shutDown) };
      } finally {
        atWork.delete(body.join);
      }
    },
  };
}

/** This invocation's part in the run. */
async function work(
  host: EdgeHost,
  share: MediaShare,
  shutDown: AbortSignal,
): Promise<BackupHistoryRow | undefined> {
  const { configuration } = host.composition();
  const { dependencies, settings } = composeMediaBackup(host.composition());
  const { access, stepBytes = STEP_BYTES } = configuration;
  const unit = { files: Math.max(1, Math.floor(stepBytes / OBJECT_COST_BYTES)), bytes: stepBytes };
  atWork.add(share.run);
  try {
    return await shareMediaBackup(dependencies, settings, share, {
      starter: createMediaCaller({ supabaseUrl: access.supabaseUrl, secretKey: access.serviceKey.reveal() }),
      budget: createProcessBudget(
        { bytes: stepBytes, wallMs: STEP_WALL_MS },
        dependencies.clock,
        shutDown,
        share.lostSteps,
      ),
      unit,
      ending: shutDown,
      onWorked: () => atWork.delete(share.run),
    });
  } finally {
    atWork.delete(share.run);
  }
}

function notNeeded(): LifeboatError {
  return new LifeboatError({
    code: "worker_not_needed",
    kind: "conflict",
    message: "This invocation is not needed for the media run.",
    hint: "Nothing needs to be done: others are at work, or the run has ended.",
    operation: "media.join",
  });
}

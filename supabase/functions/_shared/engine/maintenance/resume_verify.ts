import type { Database } from "../database.ts";
import { hasCode } from "../errors.ts";
import { withSession } from "./with_session.ts";

/** Asks `backup-admin` to go on with a verify. */
export interface VerifyStarter {
  startVerifyStep(step: { readonly runId: string; readonly epoch: string }, signal?: AbortSignal): Promise<void>;
}

/**
 * Has the verify go on whose invocations have all died. Returns its run's id, or null when there is none. May be repeated,
 * and run by several at once. Throws as the database and the starter do; then the next round tries again.
 */
export async function resumeVerify(
  { database, verifyStarter }: { readonly database: Database; readonly verifyStarter: VerifyStarter },
  signal?: AbortSignal,
): Promise<string | null> {
  const [dead] = await withSession(
    database,
    (session) =>
      session.query<{ run: string; epoch: string }>("select run, epoch from lifeboat.claim_dead_verify()", [], signal),
    signal,
  );
  if (!dead) return null;
  try {
    await verifyStarter.startVerifyStep({ runId: dead.run, epoch: dead.epoch }, signal);
  } catch (error) {
    // Somebody else being at it already is what is wanted.
    if (!hasCode(error, "step_taken")) throw error;
  }
  return dead.run;
}

import type { Clock } from "../clock.ts";
import type { Database } from "../database.ts";
import { queryCurrentSchema } from "../schema_version.ts";
import { LeasedRun } from "./leased_run.ts";
import type { Lease } from "./read_lease.ts";
import { RunConnection } from "./run_connection.ts";
import { runIdentity } from "./run_identity.ts";
import { RUN_TIMING, type RunTiming } from "./run_timing.ts";

export interface RunDependencies {
  readonly database: Database;
  readonly clock: Clock;
  readonly timing?: RunTiming;
}

/**
 * Calls a SQL function that gives a lease, and keeps the connection for the run. `read` makes the lease of its answer, or
 * throws why there is none. Throws `schema_outdated`, `not_installed`, as `read` and as the database does.
 */
export async function leaseRun<Read extends Pick<Lease, "run" | "epoch">>(
  { database, clock, timing = RUN_TIMING }: RunDependencies,
  call: string,
  params: (leaseMs: number) => readonly unknown[],
  options: { readonly orNewer: boolean },
  read: (answer: unknown) => Read,
): Promise<{ readonly run: LeasedRun; readonly lease: Read }> {
  const leasedAtMs = clock.now().getTime();
  const connection = new RunConnection(database, clock, timing.answerMs);
  try {
    const [row] = await queryCurrentSchema<{ answer: unknown }>(
      connection,
      `select ${call} as answer`,
      params(timing.leaseMs),
      options,
    );
    const lease = read(row.answer);
    return { run: new LeasedRun(runIdentity(lease.run, lease.epoch, leasedAtMs), connection, clock, timing), lease };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

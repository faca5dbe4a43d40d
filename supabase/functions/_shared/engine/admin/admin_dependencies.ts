import type { Clock } from "../clock.ts";
import type { Database } from "../database.ts";
import type { ObjectStore } from "../store/object_store.ts";

/** Makes links with which anybody can read one object for a limited time. */
export interface LinkSigner {
  /** Signs without asking the store, so a link to a missing object leads to the store's error. Throws `key_unsafe`. */
  sign(key: string, options: LinkOptions): Promise<string>;
}

export interface LinkOptions {
  /** The name under which a browser saves the file. */
  readonly fileName: string;
  readonly contentType: string;
  readonly lastsSeconds: number;
  /** When the link becomes valid. */
  readonly at: Date;
}

/** Computes when a cron expression fires. */
export interface CronReader {
  /** The first time after `after` at which the schedule fires, in UTC; null when it never does or is not understood. */
  next(schedule: string, after: Date): Date | null;
}

export interface AdminDependencies {
  readonly database: Database;
  readonly store: ObjectStore;
  readonly links: LinkSigner;
  readonly cron: CronReader;
  readonly clock: Clock;
  /** The project whose runs actions may name; runs of other projects count as unknown. */
  readonly project: string;
}

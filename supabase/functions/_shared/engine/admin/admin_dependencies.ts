import type { Clock } from "../clock.ts";
import type { Database } from "../database.ts";
import type { ObjectStore } from "../store/object_store.ts";

/** Makes links with which anybody can read one object for a while. */
export interface LinkSigner {
  /** Asks nobody; a link to an object that is not there leads to an error of the store's. Throws `key_unsafe`. */
  sign(key: string, options: LinkOptions): Promise<string>;
}

export interface LinkOptions {
  /** Under which a browser stores it. */
  readonly fileName: string;
  readonly contentType: string;
  readonly lastsSeconds: number;
  /** From when on. */
  readonly at: Date;
}

/** Understands cron's expressions. */
export interface CronReader {
  /** The first time after `after` at which the schedule fires, in UTC; null when it never does or cannot be told. */
  next(schedule: string, after: Date): Date | null;
}

export interface AdminDependencies {
  readonly database: Database;
  readonly store: ObjectStore;
  readonly links: LinkSigner;
  readonly cron: CronReader;
  readonly clock: Clock;
  /** Only runs of this project can be named. */
  readonly project: string;
}

import type { LifeboatError } from "../errors.ts";

/**
 * Tells a bad object from an outage. One object that cannot be copied is skipped; but when one after the other fails and
 * none succeeds in between, marking thousands as skipped would turn an outage into a "partial" backup with nothing in
 * it. So failures that could be either are held back until a success proves the rest sound, or their number proves that
 * it is not.
 */
export interface FailureWatch<Item> {
  /** A success: returns the failures held back so far, which are now known to be the objects' own. */
  succeeded(): Held<Item>[];
  /** Holds a failure back. Throws it when there have been too many of its code in a row. */
  failed(item: Item, error: LifeboatError): void;
  /** Everything still held back. */
  held(): readonly Held<Item>[];
}

export interface Held<Item> {
  readonly item: Item;
  readonly error: LifeboatError;
}

/** How many in a row are an outage. The store's were retried by its decorator already; objects of one folder share fates. */
const LIMITS: Readonly<Record<string, number>> = { store_unavailable: 3, object_corrupt: 5, source_refused: 5 };
const OTHER_LIMIT = 20;

export function createFailureWatch<Item>(): FailureWatch<Item> {
  let held: Held<Item>[] = [];
  return {
    succeeded() {
      const proven = held;
      held = [];
      return proven;
    },
    failed(item, error) {
      held.push({ item, error });
      const alike = held.filter((failure) => failure.error.code === error.code).length;
      if (alike >= (LIMITS[error.code] ?? OTHER_LIMIT)) throw error;
    },
    held: () => held,
  };
}

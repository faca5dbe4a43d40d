import { MEDIA_PREFIX } from "../format/keys.ts";
import { compareKeys } from "../store/key_order.ts";
import type { ListedObject, ObjectStore } from "../store/object_store.ts";

/**
 * Looks objects up in the listing of a bucket's copies while the manifest is read. Both have the same order, so that
 * one request serves a thousand objects. An object that is not found is not missing: a store may list in another order,
 * so the caller has to ask for that object itself.
 */
export class ListingCursor {
  readonly #store: ObjectStore;
  readonly #after: string;
  readonly #signal: AbortSignal;
  #bucket: string | undefined;
  #listing: AsyncIterator<ListedObject> | undefined;
  #current: ListedObject | undefined;

  /** `after`: key of the object before the first one that will be looked for; empty when that is the first of all. */
  constructor(store: ObjectStore, signal: AbortSignal, after = "") {
    this.#store = store;
    this.#after = after;
    this.#signal = signal;
  }

  async find(bucket: string, key: string): Promise<ListedObject | undefined> {
    const prefix = `${MEDIA_PREFIX}${bucket}/`;
    if (!key.startsWith(prefix)) return undefined;
    if (this.#bucket !== bucket) {
      await this.close();
      this.#bucket = bucket;
      const after = this.#after.startsWith(prefix) ? this.#after : undefined;
      this.#listing = this.#store.list(prefix, this.#signal, after)[Symbol.asyncIterator]();
      await this.#advance();
    }
    while (this.#current && compareKeys(this.#current.key, key) < 0) await this.#advance();
    return this.#current?.key === key ? this.#current : undefined;
  }

  async close(): Promise<void> {
    await this.#listing?.return?.();
    this.#listing = undefined;
    this.#current = undefined;
  }

  async #advance(): Promise<void> {
    const next = await this.#listing!.next();
    this.#current = next.done ? undefined : next.value;
  }
}

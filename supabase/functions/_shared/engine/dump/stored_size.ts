import { LifeboatError } from "../errors.ts";
import type { ObjectStore } from "../store/object_store.ts";

/** Proof that an object lies in the store whole. Throws `stored_size_mismatch` and what the store throws. */
export async function assertStoredSize(
  store: ObjectStore,
  key: string,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<void> {
  const found = await store.head(key, {}, signal);
  if (found.sizeBytes === sizeBytes) return;
  throw new LifeboatError({
    code: "stored_size_mismatch",
    kind: "permanent",
    message: `The store says that ${key} has ${found.sizeBytes} bytes, but ${sizeBytes} were sent.`,
    hint: "This backup does not count. Run it again; if it happens again, the storage provider is at fault.",
    operation: "dump.store",
    subject: key,
  });
}

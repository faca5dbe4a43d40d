import type { ObjectStore } from "./object_store.ts";

/** A small object as text. Throws what `get` throws. */
export async function readText(store: ObjectStore, key: string, signal?: AbortSignal): Promise<string> {
  const { body } = await store.get(key, {}, signal);
  return await new Response(body).text();
}

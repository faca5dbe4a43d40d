import { gunzipSync } from "node:zlib";
import type { MediaManifest } from "../../supabase/functions/_shared/engine/format/media_manifest.ts";
import { mediaManifestKey } from "../../supabase/functions/_shared/engine/format/keys.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";

export async function readBytes(store: ObjectStore, key: string, versionId?: string): Promise<Uint8Array> {
  const { body } = await store.get(key, { versionId });
  return new Uint8Array(await new Response(body).arrayBuffer());
}

export async function readStoredText(store: ObjectStore, key: string, versionId?: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(store, key, versionId));
}

export async function readStoredManifest(
  store: ObjectStore,
  recoveryPoint: string,
  project = "sample",
): Promise<MediaManifest> {
  const bytes = await readBytes(store, mediaManifestKey(project, recoveryPoint));
  return JSON.parse(new TextDecoder().decode(gunzipSync(bytes)));
}

export async function keysUnder(store: ObjectStore, prefix: string): Promise<string[]> {
  return (await Array.fromAsync(store.list(prefix))).map((object) => object.key).sort();
}

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { dumpManifest } from "../../supabase/functions/_shared/contract/mod.ts";
import { parsePointKey } from "../../supabase/functions/_shared/engine/format/keys.ts";
import type { MediaManifest } from "../../supabase/functions/_shared/engine/format/media_manifest.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";

/** The SHA-256 of every object in the bucket, by key. */
export type BucketContents = ReadonlyMap<string, string>;

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export async function readObject(store: ObjectStore, key: string): Promise<Uint8Array<ArrayBuffer>> {
  return await new Response((await store.get(key)).body).bytes();
}

export async function keysIn(store: ObjectStore, prefix = ""): Promise<string[]> {
  return (await Array.fromAsync(store.list(prefix))).map(({ key }) => key);
}

export async function readBucket(store: ObjectStore): Promise<BucketContents> {
  const contents = new Map<string, string>();
  for (const key of await keysIn(store)) contents.set(key, sha256(await readObject(store, key)));
  return contents;
}

/** Files for people to read. Each run writes them anew, and they belong to no recovery point. */
const FOR_PEOPLE = ["backups/DISASTER_RECOVERY.md", "media-backups/manifest.json", "media-backups/r2-inventory.json"];

/** Fails unless every object that lay in the bucket before is still there, byte for byte. */
export function assertUnharmed(before: BucketContents, after: BucketContents): void {
  for (const [key, digest] of before) {
    if (!FOR_PEOPLE.includes(key)) deepStrictEqual([key, after.get(key)], [key, digest]);
    else strictEqual(after.has(key), true, `${key} is gone`);
  }
}

/**
 * Fails unless everything that a manifest in the bucket names is stored with the recorded size and checksum. An object
 * may lie at its key or, where a newer copy has taken that, at its archive key.
 */
export async function assertManifestsHold(store: ObjectStore, contents: BucketContents): Promise<void> {
  for (const key of contents.keys()) {
    const file = parsePointKey(key)?.file;
    if (file === "manifest") {
      const manifest = dumpManifest.parse(JSON.parse(new TextDecoder().decode(await readObject(store, key))));
      deepStrictEqual([key, contents.get(manifest.dump.key)], [key, manifest.dump.sha256]);
    } else if (file === "mediaManifest") {
      for (const object of (await loadMediaManifest(store, key)).objects) {
        const found = [object.s3Key, object.archiveKey].find((place) => contents.get(place) === object.sha256);
        strictEqual(found !== undefined, true, `${key}: ${object.bucket}/${object.path} is not in the bucket`);
      }
    }
  }
}

export async function loadMediaManifest(store: ObjectStore, key: string): Promise<MediaManifest> {
  return JSON.parse(gunzipSync(await readObject(store, key)).toString());
}

import type { Session } from "../database.ts";
import { mediaManifestKey } from "../format/keys.ts";
import type { ManifestObject } from "../format/media_manifest.ts";
import { findPoints, hasOwnKeys, MediaManifestDamage, readMediaManifest } from "../points/mod.ts";
import { storableJson } from "../run/safe_text.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { BATCH_ROWS } from "./listed_copies.ts";

/**
 * Writes the copies that the newest readable media manifest names into a temporary table of this session. Returns
 * `absent` when the bucket has no such manifest, and `too large` when it has more than `mostBytes` as stored; neither
 * writes anything. Throws the errors of store and database, and `format_unknown`.
 */
export async function readNamedCopies(
  session: Session,
  store: ObjectStore,
  project: string,
  mostBytes: number,
  signal?: AbortSignal,
): Promise<"read" | "absent" | "too large"> {
  const points = await findPoints(store, project, signal);
  for (const { recoveryPoint, files } of points) {
    if (!files.has("mediaManifest")) continue;
    const key = mediaManifestKey(project, recoveryPoint);
    const { info, body } = await store.get(key, {}, signal);
    if (info.sizeBytes > mostBytes) {
      await body.cancel();
      return "too large";
    }
    try {
      const manifest = await readMediaManifest(new Uint8Array(await new Response(body).arrayBuffer()), key);
      await write(session, manifest.objects, signal);
      return "read";
    } catch (error) {
      // The damaged manifest is reported by verify. The next older one names nearly the same copies.
      if (!(error instanceof MediaManifestDamage)) throw error;
    }
  }
  return "absent";
}

async function write(session: Session, objects: AsyncIterable<ManifestObject>, signal?: AbortSignal): Promise<void> {
  await session.query(
    `drop table if exists pg_temp.lifeboat_named;
     create temp table lifeboat_named (like lifeboat.media_objects)`,
    undefined,
    signal,
  );
  let batch: ManifestObject[] = [];
  for await (const object of objects) {
    if (!await hasOwnKeys(object)) throw new MediaManifestDamage("it leads to keys that are not its files'");
    batch.push(object);
    if (batch.length < BATCH_ROWS) continue;
    await session.query(INSERT_NAMED_SQL, [storableJson(batch)], signal);
    batch = [];
  }
  await session.query(INSERT_NAMED_SQL, [storableJson(batch)], signal);
}

/**
 * `updatedAt` is the time of the object that was listed. A copy with a skew is another version of that object, so its
 * time is not known and stays null.
 */
const INSERT_NAMED_SQL = `
  insert into pg_temp.lifeboat_named (bucket_id, name, version, etag, size_bytes, mime_type, object_updated_at, s3_key,
    s3_etag, s3_version_id, archive_key, md5, sha256, stored_at)
  select bucket, path, version, etag, size, "contentType", case when nullif(skew, 'null') is null then "updatedAt" end,
    "s3Key", "s3ETag", "s3VersionId", "archiveKey", md5, sha256, statement_timestamp()
  from jsonb_to_recordset($1::jsonb) as o (bucket text, path text, version text, etag text, size bigint,
    "contentType" text, "updatedAt" timestamptz, "s3Key" text, "s3ETag" text, "s3VersionId" text, "archiveKey" text,
    md5 text, sha256 text, skew jsonb)`;

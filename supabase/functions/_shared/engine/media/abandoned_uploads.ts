import type { Session } from "../database.ts";
import type { ObjectStore } from "../store/object_store.ts";

/**
 * Gives back the parts of uploads that a dead run left open: they cost money and no listing shows them. To be called by
 * the holder of the lease, before it opens any. May be repeated.
 */
export async function abortAbandonedUploads(
  session: Session,
  store: ObjectStore,
  signal?: AbortSignal,
): Promise<number> {
  const uploads = await session.query<{ recovery_point: string; position: number; key: string; upload_id: string }>(
    `select recovery_point, position, upload_key as key, upload_id from lifeboat.media_items
      where upload_id is not null order by recovery_point, position`,
    [],
    signal,
  );
  for (const { recovery_point, position, key, upload_id } of uploads) {
    const upload = await store.openUpload(
      key,
      { contentType: "application/octet-stream", uploadId: upload_id },
      signal,
    );
    await upload.abort(signal);
    await session.query(
      `update lifeboat.media_items set upload_key = null, upload_id = null
        where recovery_point = $1 and position = $2 and upload_id = $3`,
      [recovery_point, position, upload_id],
      signal,
    );
  }
  return uploads.length;
}

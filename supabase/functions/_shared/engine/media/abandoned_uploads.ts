import type { Session } from "../database.ts";
import { LifeboatError } from "../errors.ts";
import type { Run } from "../run/run.ts";
import type { ObjectStore } from "../store/object_store.ts";

/**
 * Gives back the parts of uploads that nobody goes on with: those of earlier points, and of objects that were skipped.
 * They cost money and no listing shows them. Returns a sentence for each that the store would not take back; its note
 * stays, and the next run tries again. May be repeated.
 */
export async function abortAbandonedUploads(session: Session, store: ObjectStore, run: Run): Promise<string[]> {
  const uploads = await session.query<Upload>(
    `select recovery_point, position, upload_key as key, upload_id from lifeboat.media_items
      where upload_id is not null and (recovery_point < $1 or status = 'skipped' or upload_state is null)
      order by recovery_point, position`,
    [run.recoveryPoint],
    run.signal,
  );
  const warnings: string[] = [];
  for (const upload of uploads) {
    try {
      await abort(session, store, upload, run.signal);
    } catch (error) {
      // Leftovers must not stop a backup; an outage will stop it soon enough.
      if (!(error instanceof LifeboatError) || error.code.startsWith("database_") || run.signal.aborted) throw error;
      warnings.push(`The unfinished upload of ${upload.key} could not be given back: ${error.message}`);
    }
  }
  return warnings;
}

interface Upload {
  recovery_point: string;
  position: number;
  key: string;
  upload_id: string;
}

async function abort(session: Session, store: ObjectStore, upload: Upload, signal: AbortSignal): Promise<void> {
  const options = { contentType: "application/octet-stream", uploadId: upload.upload_id };
  await (await store.openUpload(upload.key, options, signal)).abort(signal);
  await session.query(
    "select lifeboat.forget_media_upload($1, $2, $3)",
    [upload.recovery_point, upload.position, upload.upload_id],
    signal,
  );
}

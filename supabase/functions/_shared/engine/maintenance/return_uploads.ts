import type { Database } from "../database.ts";
import { asLifeboatError, type LifeboatError } from "../errors.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { withSession } from "./with_session.ts";

export interface ReturnedUploads {
  readonly aborted: number;
  /** Uploads that could not be given back; they are tried again next time. */
  readonly failures: readonly LifeboatError[];
}

/**
 * Gives back the parts of multipart uploads that ended runs left open: a bucket bills them for ever. Whoever still
 * writes to such an upload finds it gone, which is meant: its run is closed. Throws as the database does.
 */
export async function returnUploads(
  database: Database,
  store: ObjectStore,
  signal?: AbortSignal,
): Promise<ReturnedUploads> {
  return await withSession(database, async (session) => {
    const open = await session.query<{ run_id: string; upload_key: string; upload_id: string }>(
      "select run_id, upload_key, upload_id from lifeboat.open_uploads order by run_id",
      undefined,
      signal,
    );
    const failures: LifeboatError[] = [];
    for (const { run_id, upload_key, upload_id } of open) {
      try {
        const options = { contentType: "application/octet-stream", uploadId: upload_id };
        const upload = await store.openUpload(upload_key, options, signal);
        await upload.abort(signal);
      } catch (error) {
        failures.push(asLifeboatError(error, "maintenance.return_upload"));
        continue;
      }
      // Only this upload: the run may have remembered another one meanwhile.
      await session.query("select lifeboat.forget_upload($1, $2)", [run_id, upload_id], signal);
    }
    return { aborted: open.length - failures.length, failures };
  }, signal);
}

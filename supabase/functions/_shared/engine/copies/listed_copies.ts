import type { Session } from "../database.ts";
import { MEDIA_PREFIX } from "../format/keys.ts";
import type { ObjectStore } from "../store/object_store.ts";

/** Rows that are sent to the database in one statement. */
export const BATCH_ROWS = 1_000;

/**
 * Writes the listing of `media-backups/` into a temporary table of this session, so that the database does the
 * comparing. Returns how many there are. Throws the errors of store and database.
 */
export async function listCopies(session: Session, store: ObjectStore, signal?: AbortSignal): Promise<number> {
  await session.query(
    `drop table if exists pg_temp.lifeboat_listed;
     create temp table lifeboat_listed (s3_key text collate "C", s3_etag text, size_bytes bigint)`,
    undefined,
    signal,
  );
  let batch: [string, string, number][] = [];
  let listed = 0;
  const write = async () => {
    await session.query(
      "insert into pg_temp.lifeboat_listed select * from unnest($1::text[], $2::text[], $3::bigint[])",
      [0, 1, 2].map((column) => batch.map((row) => row[column])),
      signal,
    );
    batch = [];
  };
  for await (const { key, etag, sizeBytes } of store.list(MEDIA_PREFIX, signal)) {
    batch.push([key, etag, sizeBytes]);
    listed++;
    if (batch.length === BATCH_ROWS) await write();
  }
  await write();
  await session.query("analyze pg_temp.lifeboat_listed", undefined, signal);
  return listed;
}

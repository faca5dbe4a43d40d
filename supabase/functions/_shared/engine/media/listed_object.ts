import type { Session } from "../database.ts";

/** What `storage.objects` says of one object at this moment. */
export interface ListedObject {
  readonly version: string | null;
  readonly etag: string | null;
  readonly sizeBytes: number | null;
}

/** Undefined when the project has no such object (any more). */
export async function readListedObject(
  session: Session,
  bucket: string,
  path: string,
  signal?: AbortSignal,
): Promise<ListedObject | undefined> {
  // By way of JSON, because older platforms lack some of the columns.
  const [row] = await session.query<{ version: string | null; etag: string | null; size: string | null }>(
    `select j.o ->> 'version' as version, lifeboat.digits(m.o ->> 'size') as size,
       lifeboat.bare_etag(m.o ->> 'eTag') as etag
     from storage.objects s
     cross join lateral (select to_jsonb(s.*) as o) j
     cross join lateral (select lifeboat.json_object(j.o -> 'metadata') as o) m
     where s.bucket_id = $1 and s.name = $2
       and j.o ->> 'archived_at' is null and coalesce(j.o ->> 'is_delete_marker', 'false') = 'false'`,
    [bucket, path],
    signal,
  );
  return row &&
    { version: row.version, etag: row.etag, sizeBytes: row.size === null ? null : Number(row.size) };
}

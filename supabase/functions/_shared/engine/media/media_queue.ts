import type { Session } from "../database.ts";
import { LifeboatError } from "../errors.ts";

/** One object that a run has claimed, as it was listed. */
export interface ClaimedItem {
  readonly position: number;
  readonly bucket: string;
  readonly path: string;
  readonly version: string | null;
  readonly etag: string | null;
  readonly sizeBytes: number | null;
  readonly mimeType: string | null;
  readonly cacheControl: string | null;
  readonly userMetadata: unknown;
  /** How often it was claimed, this time included. */
  readonly attempts: number;
  /** What lies at its current key, when Lifeboat put it there. */
  readonly current: StoredCopy | null;
}

/** A copy in S3, as `lifeboat.media_objects` knows it. */
export interface StoredCopy {
  readonly version: string | null;
  readonly etag: string | null;
  readonly sizeBytes: number;
  readonly mimeType: string | null;
  readonly s3Key: string;
  readonly s3ETag: string;
  readonly s3VersionId: string | null;
  readonly archiveKey: string;
  readonly archived: boolean;
  readonly md5: string;
  readonly sha256: string;
}

/** What differs between the list and the copy. */
export interface Skew {
  readonly reason: string;
  readonly listed: { version: string | null; etag: string | null; size: number | null };
  readonly served: { version: string | null; etag: string | null; size: number };
}

/** What is remembered of a copied object. */
export interface CopiedItem {
  readonly stored: Omit<StoredCopy, "archived">;
  readonly skew?: Skew;
  readonly warning?: string;
}

/**
 * The queue of one point's objects in `lifeboat.media_items`. Each method is one short statement: nothing is locked while
 * bytes move. A holder of the lease that was replaced writes nothing: every change asks for the epoch of the claim.
 */
export interface MediaQueue {
  /** Marks as linked what lies in S3 in the listed version already. Returns how many. */
  link(): Promise<number>;
  /** Takes up to `limit` objects, in order; those of a dead holder included, those `inFlight` here not. */
  claim(limit: number, inFlight: readonly number[]): Promise<ClaimedItem[]>;
  /** Checkpoint: the object lies in S3. Throws `run_taken_over` when the claim is no longer ours. */
  stored(item: ClaimedItem, copy: CopiedItem): Promise<void>;
  /** Checkpoint: the object is not in this point, and why. Throws as `stored`. */
  skip(item: ClaimedItem, code: string, reason: string): Promise<void>;
  /** Checkpoint: the copy at the object's current key lies at its archive key too. Throws as `stored`. */
  archived(item: ClaimedItem): Promise<void>;
  /** Gives claimed objects back, so that the next run need not wait. */
  release(items: readonly ClaimedItem[]): Promise<void>;
  /** Notes the multipart upload that was opened for an object, before its first part. */
  noteUpload(item: ClaimedItem, upload: { key: string; uploadId: string }): Promise<void>;
}

/** After this an invocation that shares the run may take the object over. */
const claimMinutes = 15;

export function createMediaQueue(session: Session, point: string, epoch: string, signal?: AbortSignal): MediaQueue {
  const own = "recovery_point = $1 and claim_epoch = $2 and status = 'claimed'";

  async function change(item: ClaimedItem, text: string, params: readonly unknown[]): Promise<void> {
    const rows = await session.query(text, [point, epoch, item.position, ...params], signal);
    if (rows.length !== 1) throw takenOver(item);
  }

  return {
    async link() {
      const [row] = await session.query<{ count: string }>(linkStatement, [point], signal);
      return Number(row.count);
    },
    async claim(limit, inFlight) {
      return (await session.query<ClaimRow>(claimStatement, [point, epoch, limit, inFlight], signal)).map(claimedItem);
    },
    async stored(item, { stored, skew, warning }) {
      await change(item, storedStatement, [
        stored.s3Key,
        stored.s3ETag,
        stored.s3VersionId,
        stored.archiveKey,
        stored.version,
        stored.etag,
        stored.sizeBytes,
        stored.mimeType,
        stored.md5,
        stored.sha256,
        skew ? JSON.stringify(skew) : null,
        warning ?? null,
      ]);
    },
    async skip(item, code, reason) {
      await change(
        item,
        `update lifeboat.media_items set status = 'skipped', skip_code = $4, skip_reason = $5, claimed_until = null
          where ${own} and position = $3 returning 1`,
        [code, reason],
      );
    },
    async archived(item) {
      await change(
        item,
        `update lifeboat.media_objects o set archived_at = now() from lifeboat.media_items i
          where i.recovery_point = $1 and i.claim_epoch = $2 and i.status = 'claimed' and i.position = $3
            and o.bucket_id = i.bucket_id and o.name = i.name returning 1`,
        [],
      );
    },
    async release(items) {
      if (items.length === 0) return;
      await session.query(
        `update lifeboat.media_items set status = 'pending', claimed_until = null, attempts = attempts - 1
          where ${own} and position = any ($3::integer[])`,
        [point, epoch, items.map((item) => item.position)],
        signal,
      );
    },
    async noteUpload(item, upload) {
      await change(
        item,
        `update lifeboat.media_items set upload_key = $4, upload_id = $5,
           claimed_until = now() + interval '${claimMinutes} minutes'
          where ${own} and position = $3 returning 1`,
        [upload.key, upload.uploadId],
      );
    },
  };
}

/** The same version, and nothing said about it differs. Objects without a version (older ones) are known by ETag and time. */
const linkStatement = `
  with linked as (
    update lifeboat.media_items i set status = 'linked', s3_key = o.s3_key, s3_etag = o.s3_etag,
      s3_version_id = o.s3_version_id, archive_key = o.archive_key, stored_version = o.version, stored_etag = o.etag,
      stored_bytes = o.size_bytes, stored_mime_type = o.mime_type, md5 = o.md5, sha256 = o.sha256
    from lifeboat.media_objects o
    where i.recovery_point = $1 and i.status = 'pending' and o.archived_at is null
      and o.bucket_id = i.bucket_id and o.name = i.name
      and o.etag is not distinct from i.etag
      and (o.version = i.version
        or (o.version is null and i.version is null and i.etag is not null and o.size_bytes = i.size_bytes
          and o.object_updated_at = i.object_updated_at))
    returning 1)
  select count(*) as count from linked`;

const claimStatement = `
  with claimed as (
    update lifeboat.media_items i set status = 'claimed', claim_epoch = $2, attempts = attempts + 1,
      claimed_until = now() + interval '${claimMinutes} minutes'
    where i.recovery_point = $1 and i.position in (
      select q.position from lifeboat.media_items q
      where q.recovery_point = $1 and q.position <> all ($4::integer[])
        and (q.status = 'pending' or (q.status = 'claimed' and (q.claimed_until < now() or q.claim_epoch <> $2)))
      order by q.position limit $3 for update skip locked)
    returning i.*)
  select c.position, c.bucket_id, c.name, c.version, c.etag, c.size_bytes, c.mime_type, c.cache_control,
    c.user_metadata, c.attempts, case when o.s3_key is not null then jsonb_build_object('version', o.version,
      'etag', o.etag, 'sizeBytes', o.size_bytes, 'mimeType', o.mime_type, 's3Key', o.s3_key, 's3ETag', o.s3_etag, 's3VersionId', o.s3_version_id, 'archiveKey', o.archive_key,
      'archived', o.archived_at is not null, 'md5', o.md5, 'sha256', o.sha256) end as current
  from claimed c left join lifeboat.media_objects o on o.bucket_id = c.bucket_id and o.name = c.name
  order by c.position`;

/** One statement: the item and what lies at its key change together or not at all. */
const storedStatement = `
  with item as (
    update lifeboat.media_items set status = 'stored', claimed_until = null, upload_key = null, upload_id = null,
      s3_key = $4, s3_etag = $5, s3_version_id = $6, archive_key = $7, stored_version = $8, stored_etag = $9,
      stored_bytes = $10, stored_mime_type = $11, md5 = $12, sha256 = $13, skew = $14::jsonb, warning = $15
    where recovery_point = $1 and claim_epoch = $2 and status = 'claimed' and position = $3
    returning bucket_id, name, case when $14::jsonb is null then object_updated_at end as updated_at)
  insert into lifeboat.media_objects (bucket_id, name, version, etag, size_bytes, mime_type, object_updated_at, s3_key,
    s3_etag, s3_version_id, archive_key, md5, sha256)
  select bucket_id, name, $8, $9, $10, $11, updated_at, $4, $5, $6, $7, $12, $13 from item
  on conflict (bucket_id, name) do update set version = excluded.version, etag = excluded.etag,
    size_bytes = excluded.size_bytes, mime_type = excluded.mime_type, object_updated_at = excluded.object_updated_at,
    s3_key = excluded.s3_key, s3_etag = excluded.s3_etag, s3_version_id = excluded.s3_version_id,
    archive_key = excluded.archive_key, archived_at = null, md5 = excluded.md5, sha256 = excluded.sha256,
    stored_at = statement_timestamp()
  returning 1`;

interface ClaimRow {
  position: number;
  bucket_id: string;
  name: string;
  version: string | null;
  etag: string | null;
  size_bytes: string | null;
  mime_type: string | null;
  cache_control: string | null;
  user_metadata: unknown;
  attempts: number;
  current: StoredCopy | null;
}

function claimedItem(row: ClaimRow): ClaimedItem {
  return {
    position: row.position,
    bucket: row.bucket_id,
    path: row.name,
    version: row.version,
    etag: row.etag,
    sizeBytes: row.size_bytes === null ? null : Number(row.size_bytes),
    mimeType: row.mime_type,
    cacheControl: row.cache_control,
    userMetadata: row.user_metadata,
    attempts: row.attempts,
    current: row.current,
  };
}

function takenOver(item: ClaimedItem): LifeboatError {
  return new LifeboatError({
    code: "run_taken_over",
    kind: "conflict",
    message: "Another run has taken this object over, so this run has stopped.",
    hint: "Nothing to do: the other run continues.",
    operation: "media.checkpoint",
    subject: `${item.bucket}/${item.path}`,
  });
}

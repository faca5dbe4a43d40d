import type { LedgerEntry, MediaDetails } from "../../contract/mod.ts";
import type { Session } from "../database.ts";
import type { ManifestBucket, MediaManifestHead, MediaTotals } from "../format/media_manifest.ts";
import type { R2Result } from "./r2_inventory.ts";

/** Lists in a run's row end here; the manifest has them all. */
const LONGEST_LIST = 1_000;

/** What a point's tables say of it: the manifest's head. */
export async function readManifestHead(
  session: Session,
  project: string,
  recoveryPoint: string,
  signal?: AbortSignal,
): Promise<MediaManifestHead & { r2: R2Result | null }> {
  const [point] = await session.query<PointRow>(
    `select to_char(listed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as listed_at, buckets, ledger, r2
       from lifeboat.media_points where recovery_point = $1`,
    [recoveryPoint],
    signal,
  );
  const rows = await session.query<TotalsRow>(TOTALS_QUERY, [recoveryPoint], signal);
  const totals = new Map(rows.map(({ bucket_id, ...row }) => [bucket_id, numbers(row)]));
  const buckets = point.buckets.map((definition): ManifestBucket => ({
    bucket: definition.id,
    ...(totals.get(definition.id) ?? NO_FILES),
    definition,
  }));
  return {
    project,
    recoveryPoint,
    listedAt: point.listed_at,
    buckets,
    totals: [...totals.values()].reduce(sum, NO_FILES),
    ledger: [...point.ledger, ...(point.r2?.ledger ?? [])],
    r2: point.r2,
  };
}

/** `details` of the run, for the page and the email. */
export async function mediaDetailsOf(
  session: Session,
  head: MediaManifestHead & { r2: R2Result | null },
  warnings: readonly string[],
  signal?: AbortSignal,
): Promise<MediaDetails> {
  const remarkable = await session.query<RemarkableRow>(
    `select bucket_id, name, skip_code, skip_reason, skew ->> 'reason' as skew_reason from lifeboat.media_items
      where recovery_point = $1 and (skip_code is not null or skew is not null) order by position limit ${
      LONGEST_LIST * 2
    }`,
    [head.recoveryPoint],
    signal,
  );
  const carried = await session.query<{ warning: string; files: string; example: string }>(
    `select warning, count(*) as files, min(bucket_id || '/' || name) as example from lifeboat.media_items
      where recovery_point = $1 and warning is not null group by warning order by warning`,
    [head.recoveryPoint],
    signal,
  );
  const at = (row: RemarkableRow) => ({ bucket: row.bucket_id, path: row.name });
  return {
    buckets: head.buckets.map(({ bucket, files, bytes, copied, unchanged, skipped }) => ({
      bucket,
      files,
      bytes,
      copied,
      unchanged,
      skipped,
    })),
    skipped: remarkable.filter((row) => row.skip_code !== null).slice(0, LONGEST_LIST)
      .map((row) => ({ ...at(row), code: row.skip_code!, reason: row.skip_reason ?? "" })),
    skewed: remarkable.filter((row) => row.skew_reason !== null).slice(0, LONGEST_LIST)
      .map((row) => ({ ...at(row), reason: row.skew_reason! })),
    r2: head.r2 && {
      items: head.r2.items,
      bytes: head.r2.bytes,
      sources: head.r2.sources.map(sourceFigures),
      reconcile: head.r2.reconcile,
    },
    ledger: [...head.ledger],
    warnings: [...warnings, ...carried.map((row) => `${row.files} × ${row.warning} First: ${row.example}`)],
  };
}

/** Bytes copied for the point, and listed files that could not be; a deleted file counts as neither. */
export async function readUnread(
  session: Session,
  recoveryPoint: string,
  signal?: AbortSignal,
): Promise<{ copiedBytes: number; unread: number }> {
  const [row] = await session.query<{ bytes: string; unread: string }>(
    `select coalesce(sum(stored_bytes) filter (where status = 'stored'), 0) as bytes,
        count(*) filter (where skip_code <> 'object_vanished') as unread
      from lifeboat.media_items where recovery_point = $1`,
    [recoveryPoint],
    signal,
  );
  return { copiedBytes: Number(row.bytes), unread: Number(row.unread) };
}

const TOTALS_QUERY = `
  select bucket_id,
    count(*) filter (where status in ('stored', 'linked')) as files,
    coalesce(sum(stored_bytes) filter (where status in ('stored', 'linked')), 0) as bytes,
    count(*) filter (where status = 'stored') as copied,
    count(*) filter (where status = 'linked') as unchanged,
    count(*) filter (where status = 'skipped') as skipped,
    count(skew) as skewed
  from lifeboat.media_items where recovery_point = $1 group by bucket_id order by bucket_id`;

const NO_FILES: MediaTotals = { files: 0, bytes: 0, copied: 0, unchanged: 0, skipped: 0, skewed: 0 };

function sum(a: MediaTotals, b: MediaTotals): MediaTotals {
  return {
    files: a.files + b.files,
    bytes: a.bytes + b.bytes,
    copied: a.copied + b.copied,
    unchanged: a.unchanged + b.unchanged,
    skipped: a.skipped + b.skipped,
    skewed: a.skewed + b.skewed,
  };
}

function numbers(row: Record<keyof MediaTotals, string>): MediaTotals {
  return {
    files: Number(row.files),
    bytes: Number(row.bytes),
    copied: Number(row.copied),
    unchanged: Number(row.unchanged),
    skipped: Number(row.skipped),
    skewed: Number(row.skewed),
  };
}

function sourceFigures(source: { table: string; status: string; items: number }) {
  return { table: source.table, status: source.status, items: source.items };
}

type TotalsRow = { bucket_id: string } & Record<keyof MediaTotals, string>;

interface PointRow {
  listed_at: string;
  buckets: ({ id: string } & Record<string, unknown>)[];
  ledger: LedgerEntry[];
  r2: R2Result | null;
}

interface RemarkableRow {
  bucket_id: string;
  name: string;
  skip_code: string | null;
  skip_reason: string | null;
  skew_reason: string | null;
}

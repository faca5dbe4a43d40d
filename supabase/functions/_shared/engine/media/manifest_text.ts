import type { Session } from "../database.ts";
import { MEDIA_MANIFEST_FORMAT, type MediaManifestHead } from "../format/media_manifest.ts";
import { quoteLiteral } from "../format/sql_names.ts";

/** Rows that one statement renders: some 7 MB of text, streamed. After it another invocation may go on. */
export const PAGE_ROWS = 10_000;
/** Rows a message: one row a message costs the reader three times the CPU (docs/PERFORMANCE.md). */
const MESSAGE_ROWS = 250;

/** The manifest's lists, in their order. */
export const MANIFEST_LISTS = ["objects", "skipped"] as const;
export type ManifestList = typeof MANIFEST_LISTS[number];

/** The text before a list. */
export function textBefore(list: ManifestList, head: MediaManifestHead): string {
  if (list === "skipped") return `],\n"skipped":[`;
  const { ledger, r2, ...rest } = head;
  return `${JSON.stringify({ ...MEDIA_MANIFEST_FORMAT, ...rest }).slice(0, -1)},\n` +
    `"ledger":${JSON.stringify(ledger)},\n"r2":${JSON.stringify(r2)},\n"objects":[`;
}

/** What stands after the last list. */
export const TEXT_AFTER = "]}\n";

/** Positions of the first and the last line of a list; undefined when it has none. */
export async function readListEnds(
  session: Session,
  list: ManifestList,
  recoveryPoint: string,
  signal?: AbortSignal,
): Promise<{ first: number; last: number } | undefined> {
  const [row] = await session.query<{ first: number | null; last: number | null }>(
    `select min(position) as first, max(position) as last from lifeboat.media_items i
      where recovery_point = $1 and ${LISTS[list].where}`,
    [recoveryPoint],
    signal,
  );
  return row.first === null || row.last === null ? undefined : { first: row.first, last: row.last };
}

/**
 * Lines of a list from position `from`, `pageRows` positions of it at most, one object to a line. Postgres renders them;
 * what comes is passed on as it is.
 */
export async function* listLines(
  session: Session,
  list: ManifestList,
  recoveryPoint: string,
  from: number,
  last: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const point = quoteLiteral(recoveryPoint);
  const to = Math.min(from + PAGE_ROWS - 1, last);
  // JSON has no raw control characters, so neither quote nor delimiter ever occurs; only messages of several lines are quoted.
  const copy =
    `copy (select m.lines from generate_series(${from}, ${to}, ${MESSAGE_ROWS}) as s (at) cross join lateral (
      select string_agg(line, E'\\n' order by position) as lines from (
        select i.position, row_to_json(o.*)::text || case when i.position < ${last} then ',' else '' end as line
        from lifeboat.media_items i cross join lateral (select ${LISTS[list].columns}) o
        where i.recovery_point = ${point} and i.position >= s.at and i.position < s.at + ${MESSAGE_ROWS}
          and i.position <= ${to} and ${LISTS[list].where}
        order by i.position) as rendered) as m
    where m.lines is not null order by s.at) to stdout (format csv, quote E'\\x01', delimiter E'\\x02')`;
  for await (const block of session.copyOut(copy, signal)) yield* unquoted(block);
}

const QUOTE = 1;

/** The block without the quotes around its messages, in pieces: nothing is copied. */
function* unquoted(block: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>> {
  let start = 0;
  for (let end = block.indexOf(QUOTE); end >= 0; end = block.indexOf(QUOTE, start)) {
    if (end > start) yield block.subarray(start, end);
    start = end + 1;
  }
  if (start < block.length) yield block.subarray(start);
}

const LISTS: Readonly<Record<ManifestList, { columns: string; where: string }>> = {
  objects: {
    columns: `i.bucket_id as bucket, i.name as path, i.stored_bytes as size, i.stored_etag as etag,
      i.stored_version as version, i.sha256, i.md5, i.stored_mime_type as "contentType",
      i.cache_control as "cacheControl", i.user_metadata as "userMetadata", i.object_created_at as "createdAt",
      i.object_updated_at as "updatedAt", i.s3_key as "s3Key", i.s3_etag as "s3ETag", i.s3_version_id as "s3VersionId",
      i.archive_key as "archiveKey", case i.status when 'stored' then 'copied' else 'unchanged' end as status, i.skew`,
    where: "i.status in ('stored', 'linked')",
  },
  skipped: {
    columns: `i.bucket_id as bucket, i.name as path, i.size_bytes as size, i.etag, i.version, i.skip_code as code,
      i.skip_reason as reason`,
    where: "i.skip_code is not null",
  },
};

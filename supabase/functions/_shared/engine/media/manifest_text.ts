import type { Session } from "../database.ts";
import { mediaManifestFormat, type MediaManifestHead } from "./media_manifest.ts";

/** Rows that one statement renders: about 500 kB of text. */
const pageRows = 1_000;

/**
 * The media manifest of a point as text, one object to a line. Postgres renders it page by page, so that a million
 * objects cost the reader one page of memory. The same tables give the same bytes: a run that died after writing it can
 * tell its own manifest from another.
 */
export async function* mediaManifestText(
  session: Session,
  head: MediaManifestHead,
  signal?: AbortSignal,
): AsyncGenerator<string> {
  const { ledger, r2, ...rest } = head;
  yield `${JSON.stringify({ ...mediaManifestFormat, ...rest }).slice(0, -1)},\n`;
  yield `"ledger":${JSON.stringify(ledger)},\n"r2":${JSON.stringify(r2)},\n"objects":[`;
  yield* lines(session, objectsQuery, head.recoveryPoint, signal);
  yield `],\n"skipped":[`;
  yield* lines(session, skippedQuery, head.recoveryPoint, signal);
  yield "]}\n";
}

async function* lines(
  session: Session,
  text: string,
  recoveryPoint: string,
  signal?: AbortSignal,
): AsyncGenerator<string> {
  let separator = "\n";
  for (let after = 0;;) {
    const [page] = await session.query<{ lines: string | null; last: number | null }>(
      text,
      [recoveryPoint, after, pageRows],
      signal,
    );
    if (page.lines === null || page.last === null) break;
    yield separator + page.lines;
    separator = ",\n";
    after = page.last;
  }
  if (separator !== "\n") yield "\n";
}

const objectsQuery = `
  select string_agg(line, E',\\n' order by position) as lines, max(position) as last from (
    select i.position, row_to_json(o.*)::text as line
    from lifeboat.media_items i cross join lateral (select
      i.bucket_id as bucket, i.name as path, i.stored_bytes as size, i.stored_etag as etag, i.stored_version as version,
      i.sha256, i.md5, i.stored_mime_type as "contentType", i.cache_control as "cacheControl",
      i.user_metadata as "userMetadata", i.object_created_at as "createdAt", i.object_updated_at as "updatedAt",
      i.s3_key as "s3Key", i.s3_etag as "s3ETag", i.s3_version_id as "s3VersionId", i.archive_key as "archiveKey",
      case i.status when 'stored' then 'copied' else 'unchanged' end as status, i.skew) o
    where i.recovery_point = $1 and i.position > $2 and i.status in ('stored', 'linked')
    order by i.position limit $3) page`;

const skippedQuery = `
  select string_agg(line, E',\\n' order by position) as lines, max(position) as last from (
    select i.position, row_to_json(o.*)::text as line
    from lifeboat.media_items i cross join lateral (select
      i.bucket_id as bucket, i.name as path, i.size_bytes as size, i.etag, i.version,
      i.skip_code as code, i.skip_reason as reason) o
    where i.recovery_point = $1 and i.position > $2 and i.skip_code is not null
    order by i.position limit $3) page`;

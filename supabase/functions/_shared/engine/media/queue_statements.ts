// The statements of `media_queue.ts`: $1 is the recovery point, $2 the invocation that asks.

/** The same version, and nothing said about it differs. Objects without a version (older ones) are known by ETag and time. */
export const linkStatement = `
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
    returning i.stored_bytes
  ), figures as (
    select count(*) as files, coalesce(sum(stored_bytes), 0) as bytes from linked
  ), point as (
    update lifeboat.media_points p set linked_at = clock_timestamp(), files_done = files_done + f.files,
      bytes_done = bytes_done + f.bytes, steps = steps + 1
    from figures f where p.recovery_point = $1)
  select files as count from figures`;

export const takeOverStatement = `
  with closing as (
    update lifeboat.media_points set finisher = null where recovery_point = $1 and closed_at is null)
  update lifeboat.media_items set status = 'pending', claimed_by = null, claimed_until = null,
    attempts = greatest(attempts, least(attempts + 1, 2))
  where recovery_point = $1 and status = 'claimed' and claimed_by is distinct from $2`;

/**
 * What was in the batches of two invocations that died comes alone: it may be what they died of, and from then on only
 * deaths count while it is copied (`beginStatement`). Rows that were looked at and not
 * chosen are unlocked at the statement's end.
 */
export const claimStatement = `
  with candidate as (
    select q.position, q.size_bytes, case when q.status = 'claimed' then greatest(q.attempts, least(q.attempts + 1, 2))
      else q.attempts end as deaths
    from lifeboat.media_items q
    where q.recovery_point = $1
      and (q.status = 'pending' or (q.status = 'claimed' and q.claimed_until < clock_timestamp()))
    order by q.position limit $3 for update skip locked
  ), ranked as (
    select c.*, row_number() over rows as place, first_value(deaths) over rows as first_deaths,
      sum(coalesce(size_bytes, 0)) over rows - coalesce(size_bytes, 0) as bytes_before
    from candidate c window rows as (order by position)
  ), claimed as (
    update lifeboat.media_items i set status = 'claimed', claimed_by = $2, attempts = r.deaths,
      claimed_until = clock_timestamp() + make_interval(secs => $5::int8 / 1000.0)
    from ranked r
    where i.recovery_point = $1 and i.position = r.position
      and (r.place = 1 or (r.first_deaths < 2 and r.deaths < 2 and r.bytes_before < $4::int8))
    returning i.*)
  select c.position, c.bucket_id, c.name, c.version, c.etag, c.size_bytes, c.mime_type, c.cache_control,
    c.user_metadata, c.attempts, case when o.s3_key is not null then jsonb_build_object('version', o.version,
      'etag', o.etag, 'sizeBytes', o.size_bytes, 'mimeType', o.mime_type, 's3Key', o.s3_key, 's3ETag', o.s3_etag,
      's3VersionId', o.s3_version_id, 'archiveKey', o.archive_key, 'archived', o.archived_at is not null,
      'md5', o.md5, 'sha256', o.sha256) end as current,
    case when c.upload_state is not null then c.upload_state || jsonb_build_object('uploadId', c.upload_id, 'parts', (
      select coalesce(jsonb_agg(jsonb_build_object('number', p.number, 'etag', p.etag, 'sizeBytes', p.size_bytes)
        order by p.number), '[]')
      from lifeboat.media_parts p where p.recovery_point = c.recovery_point and p.position = c.position)) end as upload
  from claimed c left join lifeboat.media_objects o on o.bucket_id = c.bucket_id and o.name = c.name
  order by c.position`;

export const beginStatement = `
  with point as (
    update lifeboat.media_points set steps = steps + 1 where recovery_point = $1)
  update lifeboat.media_items set attempts = attempts + 1
  where recovery_point = $1 and claimed_by = $2 and status = 'claimed' and position = $3 returning 1`;

/** One that closes the point keeps that the same way. */
export const renewStatement = `
  with closing as (
    update lifeboat.media_points set finisher_until = clock_timestamp() + make_interval(secs => $3::int8 / 1000.0)
    where recovery_point = $1 and finisher = $2 and closed_at is null)
  update lifeboat.media_items set claimed_until = clock_timestamp() + make_interval(secs => $3::int8 / 1000.0)
  where recovery_point = $1 and claimed_by = $2 and status = 'claimed'`;

const own = "recovery_point = $1 and claimed_by = $2 and status = 'claimed'";

export const holdStatement = `
  update lifeboat.media_items set claimed_until = clock_timestamp() + make_interval(secs => $4::int8 / 1000.0)
  where ${own} and position = $3 returning 1`;

/** One statement: the items, what lies at their keys and the counters change together or not at all. */
export const finishStatement = `
  with done as (
    select * from jsonb_to_recordset($3::jsonb) as d (position integer, skip_code text, skip_reason text, s3_key text,
      s3_etag text, s3_version_id text, archive_key text, version text, etag text, bytes bigint, mime_type text, md5 text,
      sha256 text, skew jsonb, warning text)
  ), item as (
    update lifeboat.media_items i set status = case when d.skip_code is null then 'stored' else 'skipped' end,
      claimed_by = null, claimed_until = null,
      upload_key = case when d.skip_code is not null then i.upload_key end,
      upload_id = case when d.skip_code is not null then i.upload_id end, upload_state = null,
      s3_key = d.s3_key, s3_etag = d.s3_etag, s3_version_id = d.s3_version_id, archive_key = d.archive_key,
      stored_version = d.version, stored_etag = d.etag, stored_bytes = d.bytes, stored_mime_type = d.mime_type,
      md5 = d.md5, sha256 = d.sha256, skew = nullif(d.skew, 'null'), warning = d.warning, skip_code = d.skip_code,
      skip_reason = d.skip_reason
    from done d
    where i.recovery_point = $1 and i.claimed_by = $2 and i.status = 'claimed' and i.position = d.position
    returning i.*
  ), parts as (
    delete from lifeboat.media_parts p using item i
    where p.recovery_point = i.recovery_point and p.position = i.position
  ), copy as (
    insert into lifeboat.media_objects (bucket_id, name, version, etag, size_bytes, mime_type, object_updated_at, s3_key,
      s3_etag, s3_version_id, archive_key, md5, sha256)
    select bucket_id, name, stored_version, stored_etag, stored_bytes, stored_mime_type,
      case when skew is null then object_updated_at end, s3_key, s3_etag, s3_version_id, archive_key, md5, sha256
    from item where status = 'stored'
    on conflict (bucket_id, name) do update set version = excluded.version, etag = excluded.etag,
      size_bytes = excluded.size_bytes, mime_type = excluded.mime_type, object_updated_at = excluded.object_updated_at,
      s3_key = excluded.s3_key, s3_etag = excluded.s3_etag, s3_version_id = excluded.s3_version_id,
      archive_key = excluded.archive_key, archived_at = null, md5 = excluded.md5, sha256 = excluded.sha256,
      stored_at = statement_timestamp()
  )
  update lifeboat.media_points p set steps = steps + 1, files_done = files_done + f.files, bytes_done = bytes_done + f.bytes
  from (select count(*) as files, coalesce(sum(stored_bytes), 0) as bytes from item) f
  where p.recovery_point = $1
  returning p.files_done, p.files_total, p.bytes_done, p.bytes_total`;

export const archivedStatement = `
  update lifeboat.media_objects o set archived_at = now() from lifeboat.media_items i
  where i.recovery_point = $1 and i.claimed_by = $2 and i.status = 'claimed' and i.position = $3
    and o.bucket_id = i.bucket_id and o.name = i.name returning 1`;

export const noteUploadStatement = `
  with parts as (
    delete from lifeboat.media_parts where recovery_point = $1 and position = $3)
  update lifeboat.media_items set upload_key = $4, upload_id = $5, upload_state = $6::jsonb,
    claimed_until = clock_timestamp() + make_interval(secs => $7::int8 / 1000.0)
  where ${own} and position = $3 returning 1`;

export const notePartStatement = `
  with item as (
    update lifeboat.media_items set upload_state = upload_state || jsonb_build_object('sha256State', $7::text),
      attempts = 0, claimed_until = clock_timestamp() + make_interval(secs => $8::int8 / 1000.0)
    where ${own} and position = $3 and upload_state is not null returning 1
  ), point as (
    update lifeboat.media_points set steps = steps + 1 where recovery_point = $1)
  insert into lifeboat.media_parts (recovery_point, position, number, etag, size_bytes)
  select $1::text, $3::integer, $4::integer, $5::text, $6::int8 from item
  on conflict (recovery_point, position, number) do update set etag = excluded.etag, size_bytes = excluded.size_bytes
  returning 1`;

export const releaseStatement = `
  update lifeboat.media_items set status = 'pending', claimed_by = null, claimed_until = null
  where ${own} and position = any ($3::integer[])`;

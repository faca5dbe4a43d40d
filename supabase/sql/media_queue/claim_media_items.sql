-- Claims up to `most` objects of a point in the order of their positions, and no more than about `most_bytes`; also those whose
-- claim has run out. What was in the batches of two invocations that died comes alone: it may be what they died of, and
-- from then on only deaths count while it is copied (begin_media_item). Rows that were looked at and not chosen are unlocked
-- at the end of the statement. Answers one object a row, in order. The plan is made anew each time: a plan for any
-- `most` would take the limit for a tenth of the table and sort a million rows.
create or replace function lifeboat.claim_media_items(of_point text, own uuid, most integer, most_bytes bigint,
  hold_ms integer) returns setof jsonb
language sql set search_path = '' set plan_cache_mode = force_custom_plan
as $$
  with candidate as (
    select q.position, q.size_bytes, case when q.status = 'claimed' then greatest(q.attempts, least(q.attempts + 1, 2))
      else q.attempts end as deaths
    from lifeboat.media_items q
    where q.recovery_point = of_point
      and (q.status = 'pending' or (q.status = 'claimed' and q.claimed_until < clock_timestamp()))
    order by q.position limit most for update skip locked
  ), ranked as (
    select c.*, row_number() over rows as place, first_value(deaths) over rows as first_deaths,
      sum(coalesce(size_bytes, 0)) over rows - coalesce(size_bytes, 0) as bytes_before
    from candidate c window rows as (order by position)
  ), claimed as (
    update lifeboat.media_items i set status = 'claimed', claimed_by = own, attempts = r.deaths,
      claimed_until = clock_timestamp() + make_interval(secs => hold_ms / 1000.0)
    from ranked r
    where i.recovery_point = of_point and i.position = r.position
      and (r.place = 1 or (r.first_deaths < 2 and r.deaths < 2 and r.bytes_before < most_bytes))
    returning i.*
  )
  select jsonb_build_object('position', c.position, 'bucket', c.bucket_id, 'path', c.name, 'version', c.version,
    'etag', c.etag, 'sizeBytes', c.size_bytes, 'mimeType', c.mime_type, 'cacheControl', c.cache_control,
    'userMetadata', c.user_metadata, 'attempts', c.attempts,
    'current', case when o.s3_key is not null then jsonb_build_object('version', o.version, 'etag', o.etag,
      'sizeBytes', o.size_bytes, 'mimeType', o.mime_type, 's3Key', o.s3_key, 's3ETag', o.s3_etag,
      's3VersionId', o.s3_version_id, 'archiveKey', o.archive_key, 'archived', o.archived_at is not null,
      'md5', o.md5, 'sha256', o.sha256) end,
    'upload', case when c.upload_state is not null then c.upload_state || jsonb_build_object('uploadId', c.upload_id,
      'parts', (
        select coalesce(jsonb_agg(jsonb_build_object('number', p.number, 'etag', p.etag, 'sizeBytes', p.size_bytes)
          order by p.number), '[]')
        from lifeboat.media_parts p where p.recovery_point = c.recovery_point and p.position = c.position)) end)
  from claimed c left join lifeboat.media_objects o on o.bucket_id = c.bucket_id and o.name = c.name
  order by c.position
$$;

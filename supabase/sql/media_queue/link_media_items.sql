-- Marks as linked each object of a point that lies in S3 already in the listed version, once a point, and answers how many
-- there are. It must be the same version, and nothing said about it may differ. Objects without a version (older ones)
-- are known by ETag, size and time.
create or replace function lifeboat.link_media_items(of_point text) returns bigint
language sql set search_path = '' set plan_cache_mode = force_custom_plan
as $$
  with linked as (
    update lifeboat.media_items i set status = 'linked', s3_key = o.s3_key, s3_etag = o.s3_etag,
      s3_version_id = o.s3_version_id, archive_key = o.archive_key, stored_version = o.version, stored_etag = o.etag,
      stored_bytes = o.size_bytes, stored_mime_type = o.mime_type, md5 = o.md5, sha256 = o.sha256
    from lifeboat.media_objects o
    where i.recovery_point = of_point and i.status = 'pending' and o.archived_at is null
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
    from figures f where p.recovery_point = of_point
  )
  select files from figures
$$;

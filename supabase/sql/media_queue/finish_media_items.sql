-- Checkpoint of many objects at once: each is stored, or skipped with a code and a reason. Objects that `own` has not
-- claimed any more are left out. One statement, so that the items, what lies at their keys and the counters change
-- together or not at all. Answers {"filesDone", "filesTotal", "bytesDone", "bytesTotal"} of the point.
create or replace function lifeboat.finish_media_items(of_point text, own uuid, finished jsonb) returns jsonb
language sql set search_path = ''
as $$
  with done as (
    select * from jsonb_to_recordset(finished) as d (position integer, "skipCode" text, "skipReason" text, "s3Key" text,
      "s3ETag" text, "s3VersionId" text, "archiveKey" text, version text, etag text, "sizeBytes" bigint,
      "mimeType" text, md5 text, sha256 text, skew jsonb, warning text)
  ), item as (
    update lifeboat.media_items i set status = case when d."skipCode" is null then 'stored' else 'skipped' end,
      claimed_by = null, claimed_until = null,
      upload_key = case when d."skipCode" is not null then i.upload_key end,
      upload_id = case when d."skipCode" is not null then i.upload_id end, upload_state = null,
      s3_key = d."s3Key", s3_etag = d."s3ETag", s3_version_id = d."s3VersionId", archive_key = d."archiveKey",
      stored_version = d.version, stored_etag = d.etag, stored_bytes = d."sizeBytes", stored_mime_type = d."mimeType",
      md5 = d.md5, sha256 = d.sha256, skew = nullif(d.skew, 'null'), warning = d.warning, skip_code = d."skipCode",
      skip_reason = d."skipReason"
    from done d
    where i.recovery_point = of_point and i.claimed_by = own and i.status = 'claimed' and i.position = d.position
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
  where p.recovery_point = of_point
  returning jsonb_build_object('filesDone', p.files_done, 'filesTotal', p.files_total, 'bytesDone', p.bytes_done,
    'bytesTotal', p.bytes_total)
$$;

-- Writes the object list of a point: one INSERT … SELECT over storage.objects, so that the list is of one moment however
-- long it is. Columns differ with the age of the platform, so the statement is made of those that are there. Platforms
-- that keep old versions (since August 2026) have rows of superseded and deleted ones in the same table, which are not
-- part of a list.
create or replace function lifeboat.list_media_objects(of_point text, bucket_ids text[]) returns void
language plpgsql set search_path = ''
as $$
declare
  present constant text[] := array(
    select a.attname::text from pg_catalog.pg_attribute a
    where a.attrelid = 'storage.objects'::regclass and a.attnum > 0 and not a.attisdropped
  );
  user_metadata constant text := case when 'user_metadata' = any (present) then 'o.user_metadata' else 'null::jsonb' end;
begin
  execute format($list$
    insert into lifeboat.media_items (recovery_point, position, bucket_id, name, version, etag, size_bytes, mime_type,
      cache_control, user_metadata, object_created_at, object_updated_at)
    select $1, row_number() over (order by o.bucket_id collate "C", o.name collate "C"), o.bucket_id, o.name,
      %1$s,
      lifeboat.bare_etag(m.metadata ->> 'eTag'),
      coalesce(lifeboat.digits(m.metadata ->> 'size'), lifeboat.digits(m.metadata ->> 'contentLength')),
      m.metadata ->> 'mimetype', m.metadata ->> 'cacheControl',
      nullif(coalesce(lifeboat.json_object(%2$s), %2$s), 'null'),
      o.created_at, o.updated_at
    from storage.objects o
    cross join lateral (select case when jsonb_typeof(o.metadata) = 'object' then o.metadata
                                    else lifeboat.json_object(o.metadata) end as metadata) m
    where o.bucket_id = any ($2) %3$s %4$s$list$,
    case when 'version' = any (present) then 'o.version' else 'null::text' end,
    user_metadata,
    case when 'archived_at' = any (present) then 'and o.archived_at is null' end,
    case when 'is_delete_marker' = any (present) then 'and o.is_delete_marker is not true' end)
  using of_point, bucket_ids;
end $$;

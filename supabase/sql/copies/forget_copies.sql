-- Forgets that damaged copies are stored, by key and ETag. Copies that were stored at these keys since are kept.
create or replace function lifeboat.forget_copies(keys text[], etags text[]) returns void
language sql set search_path = ''
as $$
  delete from lifeboat.media_objects o using unnest(keys, etags) as d (key, etag)
  where o.s3_key = d.key and o.s3_etag = d.etag
$$;

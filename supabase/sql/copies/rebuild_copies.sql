-- Remembers again what the newest manifest names (pg_temp.lifeboat_named) and the bucket's listing confirms by key, ETag and
-- size (pg_temp.lifeboat_listed). Both are tables of the caller's session. A destination that was not known is so from
-- now on, because the next media run would take it for another one and forget everything. Answers the number of copies.
create or replace function lifeboat.rebuild_copies(present_marker text) returns bigint
language plpgsql set search_path = ''
as $$
declare
  rebuilt bigint;
begin
  insert into lifeboat.media_destination (marker) values (present_marker) on conflict do nothing;
  insert into lifeboat.media_objects
  select n.* from pg_temp.lifeboat_named n
  where exists (select from pg_temp.lifeboat_listed l
    where l.s3_key = n.s3_key and l.s3_etag = n.s3_etag and l.size_bytes = n.size_bytes)
  on conflict do nothing;
  get diagnostics rebuilt = row_count;
  return rebuilt;
end $$;

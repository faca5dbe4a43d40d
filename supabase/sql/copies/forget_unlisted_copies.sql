-- Forgets copies that the bucket's listing lacks (pg_temp.lifeboat_listed, a table of the caller's session), so that the
-- next media run stores them anew. Copies that were stored since `listed_from` are younger than the listing and stay.
-- Answers the number of copies.
create or replace function lifeboat.forget_unlisted_copies(listed_from timestamptz) returns bigint
language plpgsql set search_path = ''
as $$
declare
  forgotten bigint;
begin
  delete from lifeboat.media_objects o
  where o.stored_at < listed_from and not exists (select from pg_temp.lifeboat_listed l
    where l.s3_key = o.s3_key and l.s3_etag = o.s3_etag and l.size_bytes = o.size_bytes);
  get diagnostics forgotten = row_count;
  return forgotten;
end $$;

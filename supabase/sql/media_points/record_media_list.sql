-- Says that the object list of a point is whole, also when it is empty. To be called in the transaction that wrote it.
create or replace function lifeboat.record_media_list(of_point text, definitions jsonb, left_out jsonb) returns void
language sql set search_path = ''
as $$
  insert into lifeboat.media_points (recovery_point, buckets, ledger, files_total, bytes_total)
  select of_point, definitions, left_out, count(*), coalesce(sum(size_bytes), 0)
  from lifeboat.media_items where recovery_point = of_point
$$;

-- What lies in S3 is remembered of one destination. With the marker of another one, everything is forgotten that was
-- stored in the one before, so that the next manifest names only what lies in this one; what lies there already is
-- found again by its ETag. Closed points keep their answers. One statement, so that a run that dies here has either
-- forgotten all or nothing.
create or replace function lifeboat.remember_media_destination(present_marker text) returns void
language sql set search_path = ''
as $$
  with moved as (
    insert into lifeboat.media_destination as known (marker) values (present_marker)
    on conflict (singleton) do update set marker = excluded.marker where known.marker <> excluded.marker
    returning 1
  ), forgotten as (
    delete from lifeboat.media_objects where exists (select from moved) returning 1
  ), uncounted as (
    update lifeboat.media_points p set bytes_done = 0, manifest = null, manifest_carry = null, finisher = null,
      files_done = (
        select count(*) from lifeboat.media_items i where i.recovery_point = p.recovery_point and i.status = 'skipped')
    where exists (select from moved) and p.closed_at is null
  )
  update lifeboat.media_items i
  set status = 'pending', claimed_by = null, claimed_until = null, upload_key = null,
    upload_id = null, upload_state = null, skew = null, warning = null
  from lifeboat.media_points p
  where exists (select from moved) and p.recovery_point = i.recovery_point and p.closed_at is null
    and i.status in ('stored', 'linked', 'claimed')
$$;

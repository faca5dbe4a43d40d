-- Checkpoint: the manifest lies in S3 and the point is done. Lists of earlier points are dropped, since their manifests
-- hold all that they said, and a million rows a day would soon outgrow the project; the list of a point that was never
-- finished waits seven days for its run to be started again. False when it is not `own`'s to close any more: it was closed,
-- or what was stored counts no more because the functions were given another bucket meanwhile.
create or replace function lifeboat.close_media_point(of_point text, own uuid, answer jsonb) returns boolean
language plpgsql set search_path = ''
as $$
begin
  update lifeboat.media_points p set outcome = answer, closed_at = now(), manifest = null, manifest_carry = null
  where p.recovery_point = of_point and p.finisher = own and p.closed_at is null;
  if not found then
    return false;
  end if;
  delete from lifeboat.media_items i using lifeboat.media_points p
  where p.recovery_point = i.recovery_point and p.recovery_point < of_point and i.upload_id is null
    and (p.closed_at is not null or p.listed_at < now() - interval '7 days');
  return true;
end $$;

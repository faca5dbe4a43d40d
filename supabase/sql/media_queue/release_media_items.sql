-- Gives claimed objects back, so that others need not wait until the claims run out.
create or replace function lifeboat.release_media_items(of_point text, own uuid, positions integer[]) returns void
language sql set search_path = ''
as $$
  update lifeboat.media_items set status = 'pending', claimed_by = null, claimed_until = null
  where recovery_point = of_point and claimed_by = own and status = 'claimed' and position = any (positions)
$$;

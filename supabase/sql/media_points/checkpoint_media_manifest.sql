-- Writes where the manifest of a point stands, and the bytes of its unfinished part, for the next invocation. Nothing is
-- written where another invocation closes the point by now.
create or replace function lifeboat.checkpoint_media_manifest(of_point text, own uuid, reached jsonb, unfinished bytea)
  returns void
language sql set search_path = ''
as $$
  update lifeboat.media_points set manifest = reached, manifest_carry = unfinished, steps = steps + 1
  where recovery_point = of_point and finisher = own and closed_at is null
$$;

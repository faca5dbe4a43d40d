-- Lets the manifest of a point be written from its beginning.
create or replace function lifeboat.forget_media_manifest(of_point text) returns void
language sql set search_path = ''
as $$
  update lifeboat.media_points set manifest = null, manifest_carry = null where recovery_point = of_point
$$;

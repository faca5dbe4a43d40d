-- Gives the right to close a point back, for an invocation that hands over before it is closed.
create or replace function lifeboat.release_media_closing(of_point text, own uuid) returns void
language sql set search_path = ''
as $$
  update lifeboat.media_points set finisher = null where recovery_point = of_point and finisher = own
$$;

-- Keeps what the owner should know until the point is closed. Replaces what an earlier beginning noted.
create or replace function lifeboat.note_media_warnings(of_point text, sentences jsonb) returns void
language sql set search_path = ''
as $$
  update lifeboat.media_points set warnings = sentences where recovery_point = of_point
$$;

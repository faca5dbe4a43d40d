-- Checkpoint: the R2 inventory of the point lies in S3.
create or replace function lifeboat.note_media_r2(of_point text, inventory jsonb) returns void
language sql set search_path = ''
as $$
  update lifeboat.media_points set r2 = inventory where recovery_point = of_point
$$;

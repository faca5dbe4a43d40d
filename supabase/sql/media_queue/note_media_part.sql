-- Checkpoint: one more part of an object lies in S3. An object that makes progress is not suspected of killing
-- workers any more. False when the object is not claimed by `own`, or its upload was given back.
create or replace function lifeboat.note_media_part(of_point text, own uuid, at_position integer, part integer,
  part_etag text, part_bytes bigint, checksum_state text, hold_ms integer) returns boolean
language plpgsql set search_path = ''
as $$
begin
  update lifeboat.media_items set upload_state = upload_state || jsonb_build_object('sha256State', checksum_state),
    attempts = 0, claimed_until = clock_timestamp() + make_interval(secs => hold_ms / 1000.0)
  where recovery_point = of_point and claimed_by = own and status = 'claimed' and position = at_position
    and upload_state is not null;
  if not found then
    return false;
  end if;
  insert into lifeboat.media_parts (recovery_point, position, number, etag, size_bytes)
  values (of_point, at_position, part, part_etag, part_bytes)
  on conflict (recovery_point, position, number) do update set etag = excluded.etag, size_bytes = excluded.size_bytes;
  update lifeboat.media_points set steps = steps + 1 where recovery_point = of_point;
  return true;
end $$;

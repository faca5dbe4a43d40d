-- Notes the upload that was opened for an object, before its first part, so that no part lies in S3 that nobody knows of.
-- Nulls forget an upload that was given back. False when the object is not claimed by `own` any more; then its upload
-- is somebody else's and stays noted.
create or replace function lifeboat.note_media_upload(of_point text, own uuid, at_position integer, upload text,
  at_key text, state jsonb, hold_ms integer) returns boolean
language plpgsql set search_path = ''
as $$
begin
  update lifeboat.media_items set upload_key = at_key, upload_id = upload, upload_state = state,
    claimed_until = clock_timestamp() + make_interval(secs => hold_ms / 1000.0)
  where recovery_point = of_point and claimed_by = own and status = 'claimed' and position = at_position;
  if not found then
    return false;
  end if;
  delete from lifeboat.media_parts where recovery_point = of_point and position = at_position;
  return true;
end $$;

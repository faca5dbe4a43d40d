-- Forgets an upload that nobody goes on with, after its parts were given back; only this one, since the object may have
-- another upload by now.
create or replace function lifeboat.forget_media_upload(of_point text, at_position integer, upload text) returns void
language sql set search_path = ''
as $$
  delete from lifeboat.media_parts p using lifeboat.media_items i
  where i.recovery_point = of_point and i.position = at_position and i.upload_id = upload
    and p.recovery_point = i.recovery_point and p.position = i.position;
  update lifeboat.media_items set upload_key = null, upload_id = null, upload_state = null
  where recovery_point = of_point and position = at_position and upload_id = upload
$$;

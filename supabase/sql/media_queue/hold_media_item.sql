-- Keeps one claim. False when the object is not claimed by `own` any more.
create or replace function lifeboat.hold_media_item(of_point text, own uuid, at_position integer, hold_ms integer)
  returns boolean
language plpgsql set search_path = ''
as $$
begin
  update lifeboat.media_items set claimed_until = clock_timestamp() + make_interval(secs => hold_ms / 1000.0)
  where recovery_point = of_point and claimed_by = own and status = 'claimed' and position = at_position;
  return found;
end $$;

-- Notes that an object which invocations have died of is being copied now. False when it is not claimed by `own` any more.
create or replace function lifeboat.begin_media_item(of_point text, own uuid, at_position integer) returns boolean
language plpgsql set search_path = ''
as $$
begin
  update lifeboat.media_items set attempts = attempts + 1
  where recovery_point = of_point and claimed_by = own and status = 'claimed' and position = at_position;
  if not found then
    return false;
  end if;
  update lifeboat.media_points set steps = steps + 1 where recovery_point = of_point;
  return true;
end $$;

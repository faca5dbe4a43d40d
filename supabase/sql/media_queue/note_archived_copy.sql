-- Checkpoint: the copy at the object's current key lies at its archive key too, so that another one may take the current
-- key. False when the object is not claimed by `own` any more.
create or replace function lifeboat.note_archived_copy(of_point text, own uuid, at_position integer) returns boolean
language plpgsql set search_path = ''
as $$
begin
  update lifeboat.media_objects o set archived_at = now() from lifeboat.media_items i
  where i.recovery_point = of_point and i.claimed_by = own and i.status = 'claimed' and i.position = at_position
    and o.bucket_id = i.bucket_id and o.name = i.name;
  return found;
end $$;

-- Notes an open upload, or forgets it. False when another worker has the run by now, whose upload it must not hide. What a
-- run that was given up leaves behind is noted all the same.
create or replace function lifeboat.remember_upload(run uuid, run_epoch bigint, key text, upload text) returns boolean
language plpgsql set search_path = ''
as $$
begin
  update lifeboat.runs set upload_key = key, upload_id = upload where run_id = run and epoch = run_epoch;
  return found;
end $$;

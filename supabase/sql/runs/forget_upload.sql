-- Forgets an upload of an ended run whose parts were given back; only this one, since the run may have remembered another.
create or replace function lifeboat.forget_upload(run uuid, upload text) returns void
language sql set search_path = ''
as $$
  update lifeboat.runs set upload_key = null, upload_id = null where run_id = run and upload_id = upload
$$;

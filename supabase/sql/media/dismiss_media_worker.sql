-- Forgets an invocation that was called and will not come, so that another may be called in its place.
create or replace function lifeboat.dismiss_media_worker(worker uuid) returns void
language sql set search_path = ''
as $$
  delete from lifeboat.media_workers w where w.worker = dismiss_media_worker.worker
$$;

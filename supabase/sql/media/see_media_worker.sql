create or replace function lifeboat.see_media_worker(worker uuid) returns void
language sql set search_path = ''
as $$
  update lifeboat.media_workers w set seen_at = clock_timestamp() where w.worker = see_media_worker.worker
$$;

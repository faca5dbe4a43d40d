-- Closes the row of a run whose worker is gone. It ended when it was last heard of, not when somebody noticed.
create or replace function lifeboat.abandon_run(dead uuid, last_heard timestamptz) returns void
language sql set search_path = ''
as $$
  update public.backup_history h
  set status = 'failed',
    finished_at = greatest(h.started_at, coalesce(last_heard, h.started_at)),
    duration_ms = extract(epoch from greatest(h.started_at, coalesce(last_heard, h.started_at)) - h.started_at) * 1000,
    error_code = 'run_abandoned',
    error_message = format('The worker stopped without a word%s; it was last heard of at %s UTC.',
      ' in phase ' || (h.progress ->> 'phase'),
      to_char(coalesce(last_heard, h.started_at) at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')),
    error_hint = 'Nothing that was stored before is harmed. The next run starts afresh; if this happens again, the worker''s limits are outgrown: run the backup from the command line.'
  where h.id = dead and h.status = 'running'
$$;

-- Closes every run whose lease has run out and that nobody can go on with, and rows that no lease covers (a restored history). Answers their rows.
create or replace function lifeboat.close_abandoned_runs() returns setof jsonb
language plpgsql set search_path = ''
as $$
declare
  dead record;
begin
  for dead in
    select l.kind, l.run_id, l.heartbeat_at from lifeboat.leases l
    where l.run_id is not null and l.expires_at <= clock_timestamp()
      and not (l.kind = 'media' and lifeboat.media_can_go_on(l.run_id))
      and not (l.kind = 'verify' and lifeboat.verify_can_go_on(l.run_id))
    for update skip locked
  loop
    perform lifeboat.abandon_run(dead.run_id, dead.heartbeat_at);
    update lifeboat.leases set run_id = null, expires_at = null where kind = dead.kind;
    return query select to_jsonb(h) from public.backup_history h where h.id = dead.run_id;
  end loop;

  for dead in
    select h.id from public.backup_history h
    where h.status = 'running' and not exists (select from lifeboat.leases l where l.run_id = h.id)
    for update skip locked
  loop
    perform lifeboat.abandon_run(dead.id, null);
    return query select to_jsonb(h) from public.backup_history h where h.id = dead.id;
  end loop;
end $$;

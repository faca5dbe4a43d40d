-- A session whose transaction has ended or broken has given its locks back.
create or replace view lifeboat.live_dump_holders with (security_invoker = true) as
select h.* from lifeboat.dump_holders h
join pg_stat_activity a on a.pid = h.pid and a.backend_start = h.backend_start
where coalesce(a.state, '') not in ('idle', 'idle in transaction (aborted)');

-- Makes the cron jobs what lifeboat.settings says. Returns true when there is a scheduler.
create or replace function lifeboat.schedule() returns boolean
language plpgsql set search_path = ''
as $$
declare
  job record;
begin
  if to_regclass('cron.job') is null then
    raise notice 'Lifeboat: pg_cron is not enabled, so nothing is scheduled.'
      using hint = 'Enable pg_cron, then run: select lifeboat.schedule();';
    return false;
  end if;
  for job in
    select v.* from lifeboat.settings s, lateral (values
      ('lifeboat-database-backup', s.database_schedule, $c$select lifeboat.call_function('database-backup')$c$),
      ('lifeboat-backup-maintenance', s.maintenance_schedule, $c$select lifeboat.call_function('backup-maintenance')$c$),
      ('lifeboat-verify', s.verify_schedule, 'select lifeboat.verify_newest()')
    ) as v (name, at, command)
  loop
    if job.at is not null then
      perform cron.schedule(job.name, job.at, job.command);
    else
      perform cron.unschedule(c.jobid) from cron.job c where c.jobname = job.name;
    end if;
  end loop;
  return true;
end $$;

-- Takes all jobs away for good; set the schedules in lifeboat.settings to have them back.
create or replace function lifeboat.unschedule() returns void
language sql set search_path = ''
as $$
  update lifeboat.settings set database_schedule = null, maintenance_schedule = null, verify_schedule = null
$$;

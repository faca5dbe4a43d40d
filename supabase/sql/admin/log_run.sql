-- Every run that begins is in the log, whoever starts it and from where.
create or replace function lifeboat.log_run() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.backup_audit_log (actor, action, target, details)
  values (new.triggered_by, 'run.start', new.id::text, jsonb_strip_nulls(jsonb_build_object(
    'kind', new.kind, 'trigger', new.trigger, 'recoveryPoint', new.recovery_point, 'label', new.label)));
  return null;
end $$;

-- Records what an admin (`by_user`) or the service (null) is about to do.
create or replace function lifeboat.write_audit(by_user uuid, what text, done_to text, told jsonb) returns void
language sql set search_path = ''
as $$
  insert into public.backup_audit_log (actor, action, target, details) values (by_user, what, done_to, told)
$$;

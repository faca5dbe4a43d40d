/**
 * Makes the role `postgres` as hosted Supabase has it, so that a missing right shows here and not after deployment: no
 * superuser, but owner of the database (and so of schema public), BYPASSRLS, CREATEDB, CREATEROLE, and the right to set
 * session_replication_role. The session setting `lifeboat.password` holds the password. May be repeated.
 */
export const ROLES_SQL = `
do $$
begin
  if not exists (select from pg_roles where rolname = 'postgres') then
    execute format('create role postgres login password %L createdb createrole replication bypassrls',
      current_setting('lifeboat.password'));
    grant pg_read_all_data, pg_monitor, pg_signal_backend to postgres with admin option;
    grant set on parameter session_replication_role to postgres;
    alter database postgres owner to postgres;
  end if;
end $$;
`;

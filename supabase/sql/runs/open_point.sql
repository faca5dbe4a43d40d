-- Opens a recovery point: a UTC second that no other point of the project has. The next free one if this is taken.
create or replace function lifeboat.open_point(for_project text) returns text
language plpgsql set search_path = ''
as $$
declare
  moment timestamp := date_trunc('second', clock_timestamp() at time zone 'UTC');
  candidate text;
begin
  loop
    candidate := to_char(moment, 'YYYY-MM-DD"T"HH24-MI-SS"Z"');
    insert into lifeboat.recovery_points (project, point) values (for_project, candidate) on conflict do nothing;
    if found then
      return candidate;
    end if;
    moment := moment + interval '1 second';
  end loop;
end $$;

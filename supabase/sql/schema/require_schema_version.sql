-- Refuses a caller of another release. It stands in the FROM of the first statement that a caller sends, so that the
-- statement does nothing and no round trip is added. SQLSTATE LB001: the database is older than the caller; LB002: it is
-- newer, which a run that began before an upgrade may accept with `or_newer`.
create or replace function lifeboat.require_schema_version(expected integer, or_newer boolean default false) returns void
language plpgsql stable set search_path = ''
as $$
declare
  present constant integer := lifeboat.schema_version();
begin
  if present < expected then
    raise exception 'Lifeboat''s schema is version %, and % is needed', present, expected using errcode = 'LB001';
  elsif present > expected and not or_newer then
    raise exception 'Lifeboat''s schema is version %, and the caller knows %', present, expected using errcode = 'LB002';
  end if;
end $$;

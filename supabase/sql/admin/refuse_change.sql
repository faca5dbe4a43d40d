-- Grants do not bind the owner of the table, which the functions connect as.
create or replace function lifeboat.refuse_change() returns trigger
language plpgsql set search_path = ''
as $$
begin
  raise exception 'Entries of % are never changed or deleted.', tg_relid::regclass using errcode = 'insufficient_privilege';
end $$;

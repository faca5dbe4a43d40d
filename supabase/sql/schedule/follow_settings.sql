create or replace function lifeboat.follow_settings() returns trigger
language plpgsql set search_path = ''
as $$
begin
  perform lifeboat.schedule();
  return null;
end $$;

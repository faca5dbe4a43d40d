-- Adds a sentence to what a run warns of, once however often it is repeated.
create or replace function lifeboat.note_warning(run uuid, sentence text) returns void
language sql set search_path = ''
as $$
  update public.backup_history h
  set details = jsonb_set(coalesce(h.details, '{}'), '{warnings}',
    coalesce(h.details -> 'warnings', '[]') || to_jsonb(sentence))
  where h.id = run and not coalesce(h.details -> 'warnings', '[]') ? sentence
$$;

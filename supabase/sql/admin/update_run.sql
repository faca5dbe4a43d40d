-- Sets label and pin of a run; the database and the media run of a recovery point always have the same. Null: no such run.
create or replace function lifeboat.update_run(run uuid, changes jsonb) returns jsonb
language sql set search_path = ''
as $$
  with meant as (
    select h.id from public.backup_history h join public.backup_history t on t.id = run
    where h.id = run or (t.kind in ('database', 'media') and h.kind in ('database', 'media')
      and h.project = t.project and h.recovery_point = t.recovery_point)
  ), changed as (
    update public.backup_history h
    set label = case when changes ? 'label' then nullif(changes ->> 'label', '') else h.label end,
      pinned = coalesce((changes ->> 'pinned')::boolean, h.pinned)
    from meant where h.id = meant.id
    returning h.id, h.label, h.pinned
  )
  select jsonb_build_object('runId', c.id, 'label', c.label, 'pinned', c.pinned) from changed c where c.id = run
$$;

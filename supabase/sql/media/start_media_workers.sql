-- Adds as many workers as the length of the queue justifies, one for each `unit_files` or `unit_bytes`, and at least one where
-- the point would be left without a worker. With `leaves` the caller is not counted any more. Answers the ids of the new
-- workers; each has to be called.
create or replace function lifeboat.start_media_workers(run uuid, run_epoch bigint, own uuid, leaves boolean,
  unit_files integer, unit_bytes bigint) returns setof uuid
language plpgsql set search_path = ''
as $$
declare
  held_point text;
  most integer;
  at_work integer;
  waiting numeric;
begin
  select h.recovery_point into held_point
  from lifeboat.leases l join public.backup_history h on h.id = l.run_id
  where l.kind = 'media' and l.run_id = run and l.epoch = run_epoch for update of l;
  if held_point is null then
    return;
  end if;
  -- A worker that was not seen for a minute is dead. The run remembers it: the workers that come take on half as much.
  delete from lifeboat.media_workers w
  where w.run_id = run and w.seen_at < clock_timestamp() - interval '1 minute' and w.worker <> own
    and w.joined_at is not null;
  if found then
    perform lifeboat.note_lost_step(run);
  end if;
  delete from lifeboat.media_workers w
  where w.run_id = run and (w.seen_at < clock_timestamp() - interval '1 minute' or (leaves and w.worker = own));
  select s.media_workers into most from lifeboat.settings s;
  select count(*) into at_work from lifeboat.media_workers w where w.run_id = run;
  select count(*)::numeric / unit_files + coalesce(sum(q.size_bytes), 0) / unit_bytes into waiting from (
    select i.size_bytes from lifeboat.media_items i
    where i.recovery_point = held_point and i.status = 'pending' limit most * unit_files
  ) q;
  return query
    insert into lifeboat.media_workers (worker, run_id)
    select gen_random_uuid(), run
    from generate_series(1, greatest(
      least(most - at_work, ceil(waiting)::integer),
      case when at_work = 0 and leaves then 1 else 0 end))
    returning media_workers.worker;
end $$;

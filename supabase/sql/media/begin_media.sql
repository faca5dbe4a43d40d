-- Begins a media run with `worker` as its first invocation, or takes up the point's run after all its invocations died.
-- Every media run begins here: after its dump, by cron or a person, or in a process of the command line. Answers
-- {"run", "epoch"}, with "lostSteps" when it is taken up, {"running"} or {"unknownPoint"} as lease_run does, or {"queued": id}
-- when another point's run is at work, which will take this one next.
create or replace function lifeboat.begin_media(request jsonb, lease_ms integer, worker uuid) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  wanted_point constant text := request ->> 'recoveryPoint';
  held lifeboat.leases;
  held_run public.backup_history;
  answer jsonb;
begin
  insert into lifeboat.leases (kind) values ('media') on conflict do nothing;
  select * into strict held from lifeboat.leases where kind = 'media' for update;
  select * into held_run from public.backup_history where id = held.run_id;

  if held_run.id is not null and held.expires_at > clock_timestamp() and wanted_point <> held_run.recovery_point then
    update lifeboat.recovery_points set media_queued_at = coalesce(media_queued_at, clock_timestamp())
    where project = request ->> 'project' and point = wanted_point;
    if found then
      return jsonb_build_object('queued', held.run_id);
    end if;
  end if;

  if held_run.status = 'running' and held.expires_at <= clock_timestamp() and wanted_point = held_run.recovery_point then
    update lifeboat.leases set heartbeat_at = clock_timestamp(),
      expires_at = clock_timestamp() + make_interval(secs => lease_ms / 1000.0)
    where kind = 'media';
    perform lifeboat.note_lost_step(held_run.id);
    answer := jsonb_build_object('run', to_jsonb(held_run), 'epoch', held.epoch::text, 'lostSteps',
      (select r.lost_steps from lifeboat.runs r where r.run_id = held_run.id));
  else
    answer := lifeboat.lease_run(request, lease_ms);
  end if;

  if answer ? 'run' then
    delete from lifeboat.media_workers w using public.backup_history h
    where h.id = w.run_id and (h.status <> 'running' or h.id = (answer -> 'run' ->> 'id')::uuid);
    insert into lifeboat.media_workers (worker, run_id, joined_at)
    values (begin_media.worker, (answer -> 'run' ->> 'id')::uuid, clock_timestamp());
    update lifeboat.recovery_points set media_queued_at = null
    where project = request ->> 'project' and point = answer -> 'run' ->> 'recovery_point';
  end if;
  return answer;
end $$;

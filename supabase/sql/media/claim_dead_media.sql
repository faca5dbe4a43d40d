-- Points whose media run has no living worker and can go on. Each answer counts as a try.
create or replace function lifeboat.claim_dead_media() returns table (project text, point text)
language sql set search_path = ''
as $$
  update lifeboat.recovery_points p
  set media_revivals = case when m.steps > p.media_steps then 1 else p.media_revivals + 1 end, media_steps = m.steps
  from lifeboat.leases l
  join public.backup_history h on h.id = l.run_id
  join lifeboat.media_points m on m.recovery_point = h.recovery_point
  where l.kind = 'media' and l.expires_at <= clock_timestamp() and lifeboat.media_can_go_on(l.run_id)
    and p.project = h.project and p.point = h.recovery_point
  returning p.project, p.point
$$;

-- Gives one invocation the right to close a point: when nothing of its queue is left, and no other invocation has the right
-- now. The invocation keeps it as it keeps its claims (renew_media_claims).
create or replace function lifeboat.claim_media_closing(of_point text, own uuid, hold_ms integer) returns boolean
language plpgsql set search_path = ''
as $$
begin
  update lifeboat.media_points p set finisher = own,
    finisher_until = clock_timestamp() + make_interval(secs => hold_ms / 1000.0)
  where p.recovery_point = of_point and p.closed_at is null
    and (p.finisher is null or p.finisher = own or p.finisher_until < clock_timestamp())
    and not exists (select from lifeboat.media_items i
      where i.recovery_point = of_point and i.status in ('pending', 'claimed'));
  return found;
end $$;

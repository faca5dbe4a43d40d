-- Keeps all claims of an invocation, and its right to close the point if it has it.
create or replace function lifeboat.renew_media_claims(of_point text, own uuid, hold_ms integer) returns void
language sql set search_path = ''
as $$
  update lifeboat.media_items set claimed_until = clock_timestamp() + make_interval(secs => hold_ms / 1000.0)
  where recovery_point = of_point and claimed_by = own and status = 'claimed';
  update lifeboat.media_points set finisher_until = clock_timestamp() + make_interval(secs => hold_ms / 1000.0)
  where recovery_point = of_point and finisher = own and closed_at is null
$$;

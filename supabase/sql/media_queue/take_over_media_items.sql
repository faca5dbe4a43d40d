-- Gives back what other invocations have claimed of a point, and the right to close it. Only an invocation that knows that
-- all others are dead may call this: the one that began the run or took it up. A first or second death of an object's batch
-- is counted; later ones are counted where the object is copied alone (begin_media_item). Like every function of the queue
-- it locks items before their point, because two invocations that lock in different orders would wait for each other.
create or replace function lifeboat.take_over_media_items(of_point text, own uuid) returns void
language sql set search_path = ''
as $$
  update lifeboat.media_items set status = 'pending', claimed_by = null, claimed_until = null,
    attempts = greatest(attempts, least(attempts + 1, 2))
  where recovery_point = of_point and status = 'claimed' and claimed_by is distinct from own;
  update lifeboat.media_points set finisher = null where recovery_point = of_point and closed_at is null
$$;

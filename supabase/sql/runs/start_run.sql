-- Begins a run of any kind, as lease_run says. A media run has one way in, whoever asks for it: begin_media, which knows of
-- the point's dead run and of points that wait their turn. The first version's command line asked for one here.
create or replace function lifeboat.start_run(request jsonb, lease_ms integer) returns jsonb
language sql set search_path = ''
as $$
  select case request ->> 'kind'
    when 'media' then lifeboat.begin_media(request, lease_ms, gen_random_uuid())
    else lifeboat.lease_run(request, lease_ms)
  end
$$;

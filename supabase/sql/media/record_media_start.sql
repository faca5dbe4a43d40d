-- Notes how starting went. A media run of another point that is still at work is no failed attempt.
create or replace function lifeboat.record_media_start(of_project text, of_point text, failed_code text, why text)
  returns void
language sql set search_path = ''
as $$
  update lifeboat.recovery_points p
  set media_error = why,
    media_attempts = p.media_attempts - case when failed_code = 'already_running' then 1 else 0 end
  where p.project = of_project and p.point = of_point
$$;

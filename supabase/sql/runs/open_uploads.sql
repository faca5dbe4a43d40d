-- Uploads that ended runs left open.
create or replace view lifeboat.open_uploads with (security_invoker = true) as
select r.run_id, r.upload_key, r.upload_id
from lifeboat.runs r
join public.backup_history h on h.id = r.run_id
where r.upload_id is not null and h.status <> 'running';

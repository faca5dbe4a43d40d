-- What a verify of several invocations carries from one to the next, and how often a run's workers were killed. May be
-- applied again.

-- Steps that the platform ended. Each halves what the next ones take on.
alter table lifeboat.runs add column if not exists lost_steps integer not null default 0;

create table if not exists lifeboat.verifies (
  run_id uuid primary key references public.backup_history (id) on delete cascade,
  -- The step that is at work, from 1, and how often it was begun.
  step integer not null default 1,
  attempts integer not null default 1
);

-- What stands at the end of each step; step 0 is the request. The next begins there, and so does its replacement.
create table if not exists lifeboat.verify_steps (
  run_id uuid not null references lifeboat.verifies (run_id) on delete cascade,
  step integer not null,
  position jsonb not null,
  -- Damage, things looked at again, damaged copies and warnings of this step alone.
  found jsonb not null,
  primary key (run_id, step)
);

revoke all on lifeboat.verifies, lifeboat.verify_steps from public, anon, authenticated;
grant select, insert, update, delete on lifeboat.verifies, lifeboat.verify_steps to service_role;

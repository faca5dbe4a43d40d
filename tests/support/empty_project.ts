import type { RunningStack } from "../../local/stack.ts";
import { withClient } from "../../local/with_client.ts";

/** Removes Lifeboat and everything in `public`, so that a new project is left, as people restore into one. */
export async function emptyProject({ superuserUrl }: RunningStack): Promise<void> {
  await withClient(superuserUrl, (client) =>
    client.query(`do $$ declare found text; begin
      for found in select c.oid::regclass from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace loop
        execute format('drop table %s cascade', found);
      end loop;
      drop schema lifeboat cascade;
      drop type if exists public.app_role cascade;
      delete from supabase_migrations.schema_migrations;
      -- Hosted, role postgres may make policies on storage.objects; here that takes owning it.
      alter table storage.objects owner to postgres;
    end $$`));
}

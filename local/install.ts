import { applySql, sqlFiles } from "./apply_sql.ts";
import { loadSample } from "./sample/load_sample.ts";
import type { StackDetails } from "./stack_details.ts";
import { withClient } from "./with_client.ts";

/** Prepares the database as a hosted project is before its first migration. May be repeated. */
export async function installPlatform(superuserUrl: string): Promise<void> {
  await applySql(superuserUrl, new URL("platform_database.sql", import.meta.url));
  await applySql(superuserUrl, new URL("platform_schedule.sql", import.meta.url));
}

export interface ProjectOptions {
  readonly details: StackDetails;
  readonly superuserUrl: string;
  readonly sample: boolean;
  readonly onLine?: (line: string) => void;
}

/**
 * Adds Lifeboat as the owner of an existing project would: after the project's own schema come Vault secrets, then the
 * migrations, which may be repeated.
 */
export async function installProject(options: ProjectOptions): Promise<void> {
  const { details } = options;
  if (options.sample) await loadSample(options);
  await withClient(details.dbUrl, async (client) => {
    for (const [name, secret] of [["project_url", details.apiUrl], ["backup_secret_key", details.secretKey]]) {
      // The address changes with the ports.
      await client.query("delete from vault.secrets where name = $1", [name]);
      await client.query("select vault.create_secret($1, $2)", [secret, name]);
    }
  });
  for (const file of await sqlFiles(new URL("../supabase/migrations/", import.meta.url))) {
    await applySql(details.dbUrl, file, options.onLine);
    const [, version, name] = /(\d+)_(.*)\.sql$/.exec(file.pathname) ?? [];
    await withClient(details.dbUrl, (client) =>
      client.query(
        `insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, array[$3])
         on conflict do nothing`,
        [version, name, Deno.readTextFileSync(file)],
      ));
  }
  // Hosted projects have an event trigger that does this after each change of the schema.
  await withClient(details.dbUrl, (client) => client.query("notify pgrst, 'reload schema'"));
}

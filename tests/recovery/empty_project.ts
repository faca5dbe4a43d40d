import { installPlatform } from "../../local/install.ts";
import { startPostgres } from "../../local/postgres.ts";
import { startSupabaseApi } from "../../local/supabase_api.ts";
import { withClient } from "../../local/with_client.ts";

/** Hosted Supabase lets role postgres create policies on storage.objects. Locally it has to own the table for that. */
const HOSTED = "alter table storage.objects owner to postgres";

/** A new project as the dashboard creates one, with the platform's own objects only. */
export interface EmptyProject extends AsyncDisposable {
  /** The URL for role `postgres`. */
  readonly url: string;
  readonly superuserUrl: string;
  readonly apiUrl: string;
}

export async function startEmptyProject(): Promise<EmptyProject> {
  const folder = await Deno.makeTempDir({ prefix: "lifeboat-empty-" });
  // PostgreSQL runs as a user of its own where the tests run as root.
  await Deno.chmod(folder, 0o755);
  const postgres = await startPostgres({ dataDir: `${folder}/postgres`, settings: { fsync: "off" } });
  const api = await startSupabaseApi({
    databaseUrl: postgres.superuserUrl,
    port: 0,
    objectsDir: `${folder}/objects`,
    apiUrl: "http://127.0.0.1",
  });
  await installPlatform(postgres.superuserUrl);
  await withClient(postgres.superuserUrl, (client) => client.query(HOSTED));
  return {
    url: postgres.url,
    superuserUrl: postgres.superuserUrl,
    apiUrl: `http://127.0.0.1:${api.port}`,
    async [Symbol.asyncDispose]() {
      await api.stop();
      await postgres.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

import { createRequire } from "node:module";
import { join } from "node:path";

const command = createRequire(import.meta.url).resolve("supabase/dist/supabase.js");

/**
 * Runs `supabase db push` of the real Supabase CLI from a repository that holds these migrations, as the README tells an
 * owner to. Returns what the command said; throws with it when the command fails.
 */
export async function pushMigrations(
  url: string,
  migrations: readonly { name: string; sql: string }[],
): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "lifeboat-push-" });
  const repository = join(folder, "repository");
  const files = join(repository, "supabase", "migrations");
  try {
    await Deno.mkdir(files, { recursive: true });
    for (const { name, sql } of migrations) await Deno.writeTextFile(join(files, name), sql);
    const { success, stdout, stderr } = await new Deno.Command("node", {
      // The CLI insists on TLS, which the servers of the tests do not have, unless the URL says otherwise.
      args: [
        command,
        "db",
        "push",
        "--include-all",
        "--yes",
        "--workdir",
        repository,
        "--db-url",
        `${url}?sslmode=disable`,
      ],
      cwd: repository,
      clearEnv: true,
      env: {
        PATH: Deno.env.get("PATH") ?? "",
        // The CLI keeps an id for its telemetry in the home folder, and would report each run of a test.
        HOME: folder,
        SUPABASE_TELEMETRY_DISABLED: "1",
        DO_NOT_TRACK: "1",
        NO_COLOR: "1",
      },
      stdin: "null",
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    if (!success) throw new Error(`supabase db push failed:\n${said}`);
    return said;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import pg from "pg";
import { migrate } from "../support/migrations.ts";
import { POSTGRES_15 } from "../support/postgres.ts";
import { startTestServer, type TestProject, type TestServer } from "../support/test_server.ts";

const STAND_INS = new URL("../../local/platform_schedule.sql", import.meta.url);
const CRON = "/usr/share/postgresql/15/extension/pg_cron.control";

/** Creates a project with stand-ins for pg_cron, pg_net and Vault, and with the secrets that an owner stores. */
async function scheduledProject(server: TestServer, secrets = true): Promise<TestProject> {
  const project = await server.createProject();
  await asSuperuser(project, await Deno.readTextFile(STAND_INS));
  if (secrets) {
    await project.sql(`select vault.create_secret('https://sample.example.com/', 'project_url'),
      vault.create_secret('sb_secret_sample', 'backup_secret_key')`);
  }
  return project;
}

async function asSuperuser(project: TestProject, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: project.superuserUrl });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

const jobs = (project: TestProject) =>
  project.sql<{ jobname: string; schedule: string; command: string }>(
    "select jobname, schedule, command from cron.job order by jobname",
  );

const INSTALLED = [
  {
    jobname: "lifeboat-backup-maintenance",
    schedule: "*/10 * * * *",
    command: "select lifeboat.call_function('backup-maintenance')",
  },
  {
    jobname: "lifeboat-database-backup",
    schedule: "17 2 * * *",
    command: "select lifeboat.call_function('database-backup')",
  },
  { jobname: "lifeboat-verify", schedule: "23 4 * * 0", command: "select lifeboat.verify_newest()" },
];

const TESTS: Record<string, (server: TestServer) => Promise<void>> = {
  "the migrations schedule backup, maintenance and verify, once": async (server) => {
    const project = await scheduledProject(server);
    const notices = await migrate(project.url);
    deepStrictEqual(notices.filter((notice) => notice.startsWith("Lifeboat")), []);
    await migrate(project.url);
    deepStrictEqual(await jobs(project), INSTALLED);
  },

  "a job posts to the function with the key from Vault and time to answer": async (server) => {
    const project = await scheduledProject(server);
    await migrate(project.url);
    for (const { command } of await jobs(project)) await project.sql(command);
    const requests = await project.sql(
      `select method, url, headers, convert_from(body, 'UTF8')::jsonb as body, timeout_milliseconds
       from net.http_request_queue order by url`,
    );
    const headers = { "Content-Type": "application/json", apikey: "sb_secret_sample" };
    deepStrictEqual(
      requests,
      ["backup-maintenance", "database-backup"].map((name) => ({
        method: "POST",
        url: `https://sample.example.com/functions/v1/${name}`,
        headers,
        body: { trigger: "cron" },
        timeout_milliseconds: 30_000,
      })),
    );
  },

  "the weekly job asks for a verify of the newest good recovery point, and for none where there is none": async (
    server,
  ) => {
    const project = await scheduledProject(server);
    await migrate(project.url);
    await project.sql("select lifeboat.verify_newest()");
    strictEqual((await project.sql("select from net.http_request_queue")).length, 0);
    const [{ id }] = await project.sql<{ id: string }>(
      `insert into backup_history (kind, status, trigger, project, recovery_point, started_at, finished_at) values
         ('database', 'success', 'cron', 'sample', '2026-11-20T02-17-00Z', '2026-11-20T02:17:00Z', now()),
         ('database', 'partial', 'cron', 'sample', '2026-11-21T02-17-00Z', '2026-11-21T02:17:00Z', now()),
         ('database', 'failed', 'cron', 'sample', '2026-11-22T02-17-00Z', '2026-11-22T02:17:00Z', now());
       select id from backup_history where status = 'partial'`,
    );
    await project.sql("select lifeboat.verify_newest()");
    const [request] = await project.sql(
      "select url, convert_from(body, 'UTF8')::jsonb as body from net.http_request_queue",
    );
    deepStrictEqual(request, {
      url: "https://sample.example.com/functions/v1/backup-admin",
      body: { action: "verify", runId: id, trigger: "cron" },
    });
  },

  "without its secrets the backup job records a failed run, and maintenance fails in cron's log": async (server) => {
    const project = await scheduledProject(server, false);
    const notices = await migrate(project.url);
    ok(notices.some((notice) => notice.includes("Vault secret project_url, Vault secret backup_secret_key")));
    await project.sql("select lifeboat.call_function('database-backup')");
    const [row] = await project.sql(
      "select status, trigger, error_code, error_message, error_hint from backup_history",
    );
    deepStrictEqual([row.status, row.trigger, row.error_code], ["failed", "cron", "schedule_not_configured"]);
    match(String(row.error_message), /Missing: Vault secret project_url, Vault secret backup_secret_key\./);
    match(String(row.error_hint), /Store the Vault secrets/);
    await rejects(project.sql("select lifeboat.call_function('backup-maintenance')"), /Missing: Vault secret/);
    strictEqual((await project.sql("select from net.http_request_queue")).length, 0);
  },

  "the schedule follows the settings and stays as it was set": async (server) => {
    const project = await scheduledProject(server);
    await migrate(project.url);
    await project.sql("update lifeboat.settings set database_schedule = '0 * * * *', maintenance_schedule = null");
    const changed = [{ ...INSTALLED[1], schedule: "0 * * * *" }, INSTALLED[2]];
    deepStrictEqual(await jobs(project), changed);
    await migrate(project.url);
    deepStrictEqual(await jobs(project), changed);
    await project.sql("select lifeboat.unschedule()");
    await migrate(project.url);
    deepStrictEqual(await jobs(project), []);
  },
};

Deno.test("schedule", async (test) => {
  const server = await startTestServer();
  try {
    for (const [name, body] of Object.entries(TESTS)) await test.step(name, () => body(server));
  } finally {
    await server.stop();
  }
});

const cronIsMissing = await Deno.stat(CRON).then(() => false, () => true);
Deno.test({
  name: "the real pg_cron takes the schedule, its changes and its end" +
    (cronIsMissing ? ": postgresql-15-cron is not installed" : ""),
  ignore: cronIsMissing,
  async fn() {
    const settings = {
      shared_preload_libraries: "pg_cron",
      "cron.database_name": "project_1",
      "cron.host": "127.0.0.1",
    };
    const server = await startTestServer({ binDir: POSTGRES_15, settings });
    try {
      const project = await server.createProject();
      // On a hosted project the platform's supautils does this when role postgres creates the extension.
      await asSuperuser(
        project,
        `create extension pg_cron with schema pg_catalog;
         grant usage on schema cron to postgres; grant all on all tables in schema cron to postgres`,
      );
      await migrate(project.url);
      await migrate(project.url);
      deepStrictEqual(await jobs(project), INSTALLED);
      await project.sql("update lifeboat.settings set database_schedule = '0 * * * *'");
      strictEqual((await jobs(project))[1].schedule, "0 * * * *");
      await rejects(project.sql("update lifeboat.settings set database_schedule = 'now and then'"), /invalid schedule/);
      await project.sql("select lifeboat.unschedule()");
      deepStrictEqual(await jobs(project), []);
    } finally {
      await server.stop();
    }
  },
});

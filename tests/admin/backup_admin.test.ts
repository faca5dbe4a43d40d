import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { downloadAnswer, overviewAnswer, verifyDetails } from "../../supabase/functions/_shared/contract/mod.ts";
import { withClient } from "../../local/with_client.ts";
import { eventually } from "../support/eventually.ts";
import { LiveProject } from "../support/live_project.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";

const noVersitygw = await versitygwIsMissing();

interface Answer {
  readonly status: number;
  // deno-lint-ignore no-explicit-any -- any client sees JSON of no declared type here.
  readonly body: any;
}

/** A project with one good backup, and the function as an admin's browser reaches it. */
interface Stage {
  readonly project: LiveProject;
  /** The id of the dump's run. */
  readonly runId: string;
  readonly admin: Record<string, string>;
  call(body: unknown, headers?: Record<string, string>): Promise<Answer>;
}

Deno.test({
  name: `backup-admin${noVersitygw ? ` (on the local stack's own S3: ${noVersitygw})` : ""}`,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(test) {
    await using server = noVersitygw ? undefined : await startVersitygw();
    await using project = await LiveProject.start({ ...server && { s3: server.settings } });
    const { database } = await project.backUp();
    const admin = {
      apikey: project.details.publishableKey,
      authorization: `Bearer ${await project.adminToken()}`,
    };
    const stage: Stage = {
      project,
      runId: database.id,
      admin,
      async call(body, headers = admin) {
        const response = await fetch(`${project.details.functionsUrl}/backup-admin`, {
          method: "POST",
          headers,
          body: JSON.stringify(body),
        });
        return { status: response.status, body: await response.json() };
      },
    };
    for (const [name, body] of Object.entries(tests)) await test.step(name, () => body(stage));
  },
});

const UNKNOWN_RUN = "00000000-0000-4000-8000-000000000000";

const tests: Record<string, (stage: Stage) => Promise<void>> = {
  "admins and the service may call, others may not": async ({ project, call, runId }) => {
    const key = project.details.publishableKey;
    const client = project.client(key);
    const { data } = await client.auth.signUp({ email: "nobody@example.com", password: "sample-password" });
    const codes = await Promise.all(
      [{}, { apikey: key }, { apikey: key, authorization: "Bearer eyJh.eyJi.c" }, {
        apikey: key,
        authorization: `Bearer ${data.session!.access_token}`,
      }].map(async (headers) => {
        const { status, body } = await call(
          { action: "update", runId, pinned: true },
          headers as Record<string, string>,
        );
        return [status, body.code];
      }),
    );
    deepStrictEqual(codes, [
      [401, "not_authenticated"],
      [401, "not_authenticated"],
      [401, "invalid_token"],
      [403, "not_admin"],
    ]);
    deepStrictEqual((await project.run(runId)).pinned, false);
    strictEqual((await call({ action: "overview" }, { apikey: project.details.secretKey })).status, 200);
    strictEqual((await call({ action: "overview" })).status, 200);
  },

  "what is not understood is said": async ({ call, runId }) => {
    for (
      const body of [{}, { action: "drop" }, { action: "cancel" }, { action: "download", runId, file: "../secret" }, {
        action: "overview",
        more: true,
      }]
    ) {
      const answer = await call(body);
      deepStrictEqual([answer.status, answer.body.code], [400, "bad_request"]);
    }
  },

  "a verify reads the point back and is in history and audit log": async ({ project, call, runId }) => {
    const answer = await call({ action: "verify", runId, coverage: "sample", wait: true });
    // 202 where a busy machine takes more than one invocation for it.
    ok(answer.status === 200 || answer.status === 202, `${answer.status}`);
    const row = await eventually("the verify has ended", async () => {
      const row = await project.run(answer.body.runId);
      return row.status !== "running" && row;
    });
    deepStrictEqual([row.status, row.error_code], ["success", null]);
    const { recovery_point } = await project.run(runId);
    deepStrictEqual([row.kind, row.trigger, row.recovery_point], ["verify", "manual", recovery_point]);
    const details = verifyDetails.parse(row.details);
    ok(details.coverage.membersChecked > 0 && details.tablesChecked > 0);
    ok(details.coverage.filesChecked === details.coverage.filesTotal);
    const [entry] = await project.sql("select * from backup_audit_log where target = $1", [row.id]);
    deepStrictEqual([entry.action, entry.actor], ["run.start", row.triggered_by]);
    deepStrictEqual(entry.details, { kind: "verify", trigger: "manual", recoveryPoint: recovery_point });
  },

  "only one verify at a time; a run of another project is unknown": async ({ project, call, runId }) => {
    const answers = await Promise.all([1, 2].map(() => call({ action: "verify", runId })));
    const busy = answers.find(({ status }) => status === 409);
    const accepted = answers.find(({ status }) => status === 202);
    deepStrictEqual([busy?.body.code, busy?.body.runId], ["already_running", accepted?.body.runId]);
    await eventually(
      "the verify has ended",
      async () => (await project.run(accepted!.body.runId)).finished_at !== null,
    );
    const unknown = await call({ action: "verify", runId: UNKNOWN_RUN });
    deepStrictEqual([unknown.status, unknown.body.code], [404, "run_unknown"]);
  },

  "cron's weekly job reaches it": async ({ project }) => {
    await project.sql("select lifeboat.verify_newest()");
    const row = await eventually("cron's verify has ended", async () => {
      const runs = await project.history();
      return runs.find(({ kind, trigger, finished_at }) => kind === "verify" && trigger === "cron" && finished_at);
    });
    strictEqual(row.status, "success");
  },

  "links give the file under its name, for five minutes, and are noted": async ({ project, call, runId }) => {
    const { recovery_point: point, s3_key, checksum } = await project.run(runId);
    const before = Date.now();
    const { status, body } = await call({ action: "download", runId, file: "dump" });
    const after = Date.now();
    strictEqual(status, 200);
    const link = downloadAnswer.parse(body);
    strictEqual(link.fileName, s3_key!.split("/").at(-1));
    const expiresMs = Date.parse(link.expiresAt);
    ok(expiresMs > before + 298_000 && expiresMs <= after + 301_000, link.expiresAt);
    strictEqual(new URL(link.url).searchParams.get("X-Amz-Expires"), "300");
    const response = await fetch(link.url);
    const bytes = await response.bytes();
    deepStrictEqual([response.status, bytes.length], [200, link.sizeBytes]);
    strictEqual(`sha256:${createHash("sha256").update(bytes).digest("hex")}`, checksum);
    strictEqual(response.headers.get("content-disposition"), `attachment; filename="${link.fileName}"`);
    strictEqual(response.headers.get("content-type"), "application/gzip");

    for (const file of ["manifest", "mediaManifest", "r2Inventory", "recoveryGuide"]) {
      const answer = await call({ action: "download", runId, file });
      strictEqual((await (await fetch(answer.body.url)).bytes()).length, answer.body.sizeBytes);
    }
    const entries = await project.sql(
      "select target, actor, details from backup_audit_log where action = 'download' order by id",
    );
    strictEqual(entries.length, 5);
    deepStrictEqual(entries[0].details, { runId, file: "dump", recoveryPoint: point });
    deepStrictEqual([entries[0].target, typeof entries[0].actor], [s3_key, "string"]);
    ok(!JSON.stringify(entries).includes("X-Amz"));
  },

  "a link is for one key and one moment": async ({ call, runId }) => {
    const { body } = await call({ action: "download", runId, file: "manifest" });
    const other = body.url.replace(".manifest.json", ".json.gz");
    const late = body.url.replace("X-Amz-Expires=300", "X-Amz-Expires=3000");
    for (const url of [other, late]) {
      const response = await fetch(url);
      await response.body?.cancel();
      strictEqual(response.status, 403);
    }
  },

  "no link leads to another project's files, whatever the history says": async ({ project, call, runId }) => {
    const [{ id }] = await project.sql<{ id: string }>(
      `insert into backup_history (kind, status, trigger, project, recovery_point, started_at, finished_at, s3_key, manifest_key)
       values ('database', 'success', 'api', 'other', '2026-01-01T00-00-00Z', now() - interval '40 days', now(),
         'backups/other-backup-2026-01-01T00-00-00Z.json.gz', 'backups/x') returning id`,
    );
    const foreign = await call({ action: "download", runId: id, file: "dump" });
    deepStrictEqual([foreign.status, foreign.body.code], [404, "run_unknown"]);
    // The row's key is changed. Links must be made from the recovery point and never from the row.
    const [{ s3_key }] = await project.sql<{ s3_key: string }>("select s3_key from backup_history where id = $1", [
      runId,
    ]);
    await project.sql("update backup_history set s3_key = 'lifeboat.json' where id = $1", [runId]);
    const { body } = await call({ action: "download", runId, file: "dump" });
    strictEqual(body.fileName, s3_key.split("/").at(-1));
    await project.sql("update backup_history set s3_key = $2 where id = $1", [runId, s3_key]);
    await project.sql("update backup_history set project = $2, recovery_point = '2026-01-01T00-00-00Z' where id = $1", [
      id,
      (await project.run(runId)).project,
    ]);
    const gone = await call({ action: "download", runId: id, file: "dump" });
    deepStrictEqual([gone.status, gone.body.code], [404, "object_missing"]);
    await project.sql("delete from backup_history where id = $1", [id]);
  },

  "label and pin are those of the database and the media run, and noted": async ({ project, call, runId }) => {
    const { body } = await call({ action: "update", runId, label: " before migration ", pinned: true });
    deepStrictEqual(body, { runId, label: "before migration", pinned: true });
    const { recovery_point } = await project.run(runId);
    const runs = (await project.history()).filter((run) =>
      run.recovery_point === recovery_point && ["database", "media"].includes(run.kind)
    );
    deepStrictEqual(runs.map(({ label, pinned }) => [label, pinned]), [
      ["before migration", true],
      ["before migration", true],
    ]);
    deepStrictEqual((await call({ action: "update", runId, pinned: false })).body, {
      runId,
      label: "before migration",
      pinned: false,
    });
    deepStrictEqual((await call({ action: "update", runId, label: null })).body.label, null);
    const entries = await project.sql("select details from backup_audit_log where action = 'run.update' order by id");
    deepStrictEqual(entries[0].details, { label: "before migration", pinned: true, recoveryPoint: recovery_point });
    const unknown = await call({ action: "update", runId: UNKNOWN_RUN, pinned: true });
    deepStrictEqual([unknown.status, unknown.body.code], [404, "run_unknown"]);
  },

  "a running run is asked to stop, an ended one cannot be": async ({ project, call, runId }) => {
    deepStrictEqual((await call({ action: "cancel", runId })).body, { runId, requested: false });
    const [{ id }] = await project.sql<{ id: string }>(
      `select (lifeboat.start_run('{"kind": "drill", "project": "collabhunts", "trigger": "api"}', 60000) -> 'run' ->> 'id') as id`,
    );
    deepStrictEqual((await call({ action: "cancel", runId: id })).body, { runId: id, requested: true });
    const [beat] = await project.sql("select cancelled from lifeboat.beat($1, 1, 60000, null)", [id]);
    deepStrictEqual(beat, { cancelled: true });
    const entries = await project.sql(
      "select target, details ->> 'requested' as requested from backup_audit_log where action = 'run.cancel' order by id",
    );
    deepStrictEqual(entries, [{ target: runId, requested: "false" }, { target: id, requested: "true" }]);
    await project.sql("update lifeboat.leases set expires_at = clock_timestamp() where run_id = $1", [id]);
    await project.sql("select lifeboat.close_abandoned_runs()");
  },

  "the overview tells what there is": async ({ project, call, runId }) => {
    await project.sql("select lifeboat.close_abandoned_runs()");
    // A restored clone has its origin's history, whose runs must not count here.
    await project.sql(
      `insert into backup_history (kind, status, trigger, project, recovery_point, started_at, finished_at)
       values ('database', 'failed', 'cron', 'origin', '2001-01-02T00-00-00Z', now(), now())`,
    );
    const { status, body } = await call({ action: "overview" });
    await project.sql("delete from backup_history where project = 'origin'");
    strictEqual(status, 200);
    const overview = overviewAnswer.parse(body);
    const history = (await project.history()).filter(({ kind }) => ["database", "media"].includes(kind));
    const point = await project.run(runId);
    strictEqual(overview.totalBackups, 1);
    strictEqual(overview.successRate30Days, 1);
    strictEqual(overview.storedBytes, history.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0));
    deepStrictEqual(overview.newestPoint, {
      recoveryPoint: point.recovery_point,
      startedAt: point.started_at,
      status: "success",
    });
    strictEqual(overview.newestVerifiedPoint?.recoveryPoint, point.recovery_point);
    deepStrictEqual([overview.targetHours, overview.schedule], [26, "17 2 * * *"]);
    match(overview.nextRunAt!, /T02:17:00\.000Z$/);
    const inMs = Date.parse(overview.nextRunAt!) - Date.now();
    ok(inMs > 0 && inMs <= 86_400_000);
    strictEqual(overview.lastDrill?.status, "failed");

    await project.sql("update lifeboat.settings set database_schedule = '30 seconds'");
    const unusual = overviewAnswer.parse((await call({ action: "overview" })).body);
    deepStrictEqual([unusual.schedule, unusual.nextRunAt], ["30 seconds", null]);
    await project.sql("update lifeboat.settings set database_schedule = null");
    const none = overviewAnswer.parse((await call({ action: "overview" })).body);
    deepStrictEqual([none.schedule, none.nextRunAt], [null, null]);
    await project.sql("update lifeboat.settings set database_schedule = '17 2 * * *'");
  },

  "admins read the audit log, nobody else, and nobody changes it": async ({ project }) => {
    const people = await project.sql<{ id: string; email: string }>("select id, email from auth.users");
    const [admin, other] = [project.details.adminEmail, "nobody@example.com"].map((email) =>
      people.find((person) => person.email === email)!.id
    );
    // The API sets the role and the token's claims in this way. The local Auth API reads the claims under the older
    // name.
    const as = (role: string, userId: string | null, statement: string) =>
      withClient(project.details.dbUrl, async (client) => {
        await client.query(
          `select set_config('request.jwt.claims', $1, false), set_config('request.jwt.claim.sub', $2, false)`,
          [JSON.stringify({ sub: userId, role }), userId ?? ""],
        );
        await client.query(`set role ${role}`);
        return (await client.query(statement)).rowCount;
      }).catch((error: Error) => error.message);
    const read = "select from public.backup_audit_log";
    ok(Number(await as("authenticated", admin, read)) > 5);
    strictEqual(await as("authenticated", other, read), 0);
    match(String(await as("anon", null, read)), /permission denied/);
    const changes = ["delete from public.backup_audit_log", "update public.backup_audit_log set action = 'x'"];
    for (const statement of [...changes, "truncate public.backup_audit_log"]) {
      for (const role of ["authenticated", "service_role"]) {
        match(String(await as(role, admin, statement)), /permission denied/);
      }
      match(String(await as("postgres", null, statement)), /never changed or deleted/);
    }
    const write = "insert into public.backup_audit_log (action) values ('x')";
    match(String(await as("authenticated", admin, write)), /permission denied/);
    for (const table of ["lifeboat.point_checks", "lifeboat.settings"]) {
      match(String(await as("authenticated", admin, `select from ${table}`)), /permission denied/);
    }
  },
};

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { startFunctionHost } from "../../local/function_host.ts";
import { startRun } from "../../supabase/functions/_shared/engine/run/run_store.ts";
import { startTestServer } from "../support/test_server.ts";
import { DATABASE_RUN, runProject } from "./harness.ts";

const SECRET_KEY = "sb_secret_sample_of_a_test";

Deno.test("the function backup-maintenance closes a dead run and settles its point, for the service only", async () => {
  const server = await startTestServer();
  const project = await runProject(server);
  const functions = startFunctionHost({
    functionsDir: new URL("../../supabase/functions", import.meta.url).pathname,
    env: {
      SUPABASE_URL: "http://127.0.0.1:1",
      SUPABASE_DB_URL: project.url,
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: SECRET_KEY }),
      SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: "sb_publishable_sample_of_a_test" }),
      AWS_S3_BUCKET: "sample",
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "sample",
      AWS_SECRET_ACCESS_KEY: "sample-secret",
      S3_ENDPOINT: "http://127.0.0.1:1",
    },
  });
  const call = (headers: Record<string, string>) =>
    functions.handle(
      new Request("http://127.0.0.1/backup-maintenance", {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ trigger: "cron" }),
      }),
      "/backup-maintenance",
    );
  try {
    const dead = await startRun(project.dependencies, DATABASE_RUN);
    await dead.connection.close();
    await project.sql("update lifeboat.leases set expires_at = clock_timestamp()");

    const refused = await call({});
    deepStrictEqual([refused.status, (await refused.json()).code], [401, "not_authenticated"]);
    const answer = await call({ apikey: SECRET_KEY });
    strictEqual(answer.status, 200);
    deepStrictEqual(await answer.json(), {
      closedRuns: [{ id: dead.id, kind: "database", recoveryPoint: dead.recoveryPoint }],
      returnedUploads: 0,
      restartedDump: null,
      resumedVerify: null,
      resumedMedia: [],
      settledPoints: [{ recoveryPoint: dead.recoveryPoint, email: "off" }],
      overdue: null,
      damage: [],
      problems: [],
    });
    const [row] = await project.sql("select status, error_code, email_status from backup_history");
    deepStrictEqual(row, { status: "failed", error_code: "run_abandoned", email_status: "off" });
  } finally {
    await functions.stop();
    await server.stop();
  }
});

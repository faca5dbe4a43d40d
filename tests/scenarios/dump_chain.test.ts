import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { assertManifestsHold, keysIn, readBucket } from "../support/bucket_contents.ts";
import { eventually } from "../support/eventually.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";
import { assertDatabaseIsInDump } from "./dump_checks.ts";
import { livingDumpers, startManyProcesses } from "./many_processes.ts";

const missing = await versitygwIsMissing();
const PATIENCE_MS = 180_000;

Deno.test({
  name: `a dump by many processes of the function, some of which are killed${missing ? `: ${missing}` : ""}`,
  ignore: missing !== undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: killed,
});

async function killed(test: Deno.TestContext): Promise<void> {
  // versitygw is used because s3rver sends an answer without an ETag after a process died during the request before it.
  await using server = await startVersitygw();
  await using project = await startManyProcesses(server.settings);
  const begin = async () => (await project.call("database-backup", { trigger: "cron" })).body.runId as string;
  const steps = async (id: string) =>
    (await project.sql("select 1 from lifeboat.dump_steps where run_id = $1", [id])).length;
  const settled = (id: string) =>
    eventually("the dump has ended", async () => {
      const row = await project.run(id);
      return row.status !== "running" && row;
    }, PATIENCE_MS);

  await test.step("the newest process is killed: one step is made again, and the data are equal", async () => {
    const id = await begin();
    await eventually("two checkpoints", async () => await steps(id) >= 2, PATIENCE_MS);
    Deno.kill(livingDumpers(project).at(-1)!.pid, "SIGKILL");
    const row = await settled(id);
    deepStrictEqual([row.status, row.error_code, row.error_message], ["success", null, null]);
    ok(await steps(id) > 3);
    await assertDatabaseIsInDump(project, row);
  });

  await test.step("all of them are killed: it fails, nothing looks whole, and maintenance starts another", async () => {
    const id = await begin();
    await eventually("two checkpoints", async () => await steps(id) >= 2, PATIENCE_MS);
    for (const { pid } of livingDumpers(project)) Deno.kill(pid, "SIGKILL");
    await project.sql("update lifeboat.leases set expires_at = clock_timestamp() where run_id = $1", [id]);
    const { body } = await project.call("backup-maintenance");
    const row = await project.run(id);
    deepStrictEqual([row.status, row.error_code], ["failed", "run_abandoned"]);
    deepStrictEqual([body.restartedDump, body.problems], [row.recovery_point, []]);
    deepStrictEqual((await keysIn(project.bucket)).filter((key) => key.includes(row.recovery_point)), []);
    const [another] = (await project.history()).filter(({ kind }) => kind === "database").slice(-1);
    ok(another.id !== id);
    const end = await settled(another.id);
    deepStrictEqual([end.status, end.trigger], ["success", "cron"]);
    await assertDatabaseIsInDump(project, end);
    strictEqual((await project.call("backup-maintenance")).body.restartedDump, null);
  });
  await assertManifestsHold(project.bucket, await readBucket(project.bucket));
}

import { ok, strictEqual } from "node:assert/strict";
import process from "node:process";
import { startStack } from "../../local/stack.ts";
import { wasKilled } from "../../local/worker_record.ts";
import { withClient } from "../../local/with_client.ts";
import { eventually } from "../support/live_project.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";

const missing = await versitygwIsMissing();
const ROUNDS = Number(process.env.LIFEBOAT_ROUNDS ?? 20);
/** Twice the cores of the smallest machine that the gate runs on. */
const BUSY_PROCESSES = 4;
const LONGEST_RUN_MS = 300_000;

Deno.test({
  name: `${ROUNDS} backups and ${ROUNDS} verifies of everything succeed within the hosted limits beside ` +
    `${BUSY_PROCESSES} busy processes${missing ? `: ${missing}` : ""}`,
  ignore: missing !== undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using server = await startVersitygw();
    const dataDir = await Deno.makeTempDir({ prefix: "lifeboat-busy-" });
    await Deno.chmod(dataDir, 0o755);
    const stack = await startStack({
      portBase: null,
      dataDir,
      s3: server.settings,
      postgresSettings: { fsync: "off" },
    });
    const busy = Array.from({ length: BUSY_PROCESSES }, keepCoreBusy);
    try {
      const { functionsUrl, dbUrl, secretKey } = stack.details;
      const call = async (name: string, body: unknown) => {
        const response = await fetch(`${functionsUrl}/${name}`, {
          method: "POST",
          headers: { apikey: secretKey },
          body: JSON.stringify(body),
        });
        const answer = await response.json();
        ok(response.ok, `${name} answered ${response.status}: ${JSON.stringify(answer)}`);
        return answer.runId as string;
      };
      const ended = (what: string, sql: string, value: string) =>
        eventually(what, () =>
          withClient(dbUrl, async (client) => {
            const { rows: [row] } = await client.query(sql, [value]);
            return row && row.status !== "running" ? row as Record<string, unknown> : undefined;
          }), LONGEST_RUN_MS);
      const byId = "select * from public.backup_history where id = $1";
      const mediaOf = `select m.* from public.backup_history d join public.backup_history m
        on m.recovery_point = d.recovery_point and m.kind = 'media' where d.id = $1`;
      let seen = 0;
      for (let round = 1; round <= ROUNDS; round++) {
        const dumpId = await call("database-backup", { trigger: "cron" });
        const dump = await ended("the dump has ended", byId, dumpId);
        strictEqual(dump.status, "success", JSON.stringify(dump));
        const media = await ended("the files are copied", mediaOf, dumpId);
        strictEqual(media.status, "success", JSON.stringify(media));
        const verifyId = await call("backup-admin", { action: "verify", runId: dumpId, coverage: "deep" });
        const verify = await ended("the verify has ended", byId, verifyId);
        strictEqual(verify.status, "success", JSON.stringify(verify));
        const workers = stack.workers().slice(seen);
        seen += workers.length;
        const killed = workers.filter(wasKilled).map(({ functionName, ended }) => `${functionName}: ${ended}`);
        const cpuMs = Math.max(...workers.map((worker) => worker.cpuMs));
        console.log(
          `round ${round}: ${workers.length} workers, ${cpuMs} ms of CPU at most, killed: ${
            killed.join(", ") || "none"
          }`,
        );
        // A step that was killed is smaller when it is tried again: it must not die a second time.
        strictEqual(new Set(killed).size, killed.length, `killed twice in one round: ${killed}`);
      }
    } finally {
      for (const process of busy) {
        process.kill("SIGKILL");
        await process.status;
      }
      await stack.stop();
      await Deno.remove(dataDir, { recursive: true });
    }
  },
});

function keepCoreBusy(): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), { args: ["eval", "for (;;) Math.sqrt(2);"], stdin: "null" }).spawn();
}

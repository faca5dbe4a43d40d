import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { S3_ACCESS_KEY_ID, S3_BUCKET, S3_SECRET_ACCESS_KEY } from "../../local/keys.ts";
import { startS3 } from "../../local/s3.ts";
import type { BackupHistoryRow } from "../../supabase/functions/_shared/contract/mod.ts";
import { assertManifestsHold, assertUnharmed, keysIn, readBucket } from "../support/bucket_contents.ts";
import { FaultyProxy } from "../support/faulty_proxy.ts";
import { LiveProject } from "../support/live_project.ts";
import { assertNoSecrets } from "../support/no_secrets.ts";
import type { S3Capabilities, S3Server } from "../support/s3_server.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";

/** A project that reaches its bucket and its own API through proxies, which misbehave when armed. */
export interface FaultStage {
  readonly project: LiveProject;
  readonly s3: FaultyProxy;
  readonly api: FaultyProxy;
  readonly server: FaultyServer;
}

interface FaultyServer extends AsyncDisposable {
  readonly settings: S3Server["settings"];
  readonly capabilities: Pick<S3Capabilities, "validates" | "uploadEnds">;
}

export type Fault = (stage: FaultStage) => Promise<void>;

const noVersitygw = await versitygwIsMissing();

/**
 * Tests one fault after the other on a project with one good backup. After each fault, nothing that was stored before
 * may be changed, every manifest in the bucket must name stored bytes only, and no run may be left running.
 */
export function testFaults(name: string, faults: Record<string, Fault>): void {
  Deno.test({
    name: noVersitygw ? `${name} (on s3rver: ${noVersitygw})` : name,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn(test) {
      await using server = noVersitygw ? await startStackS3() : await startVersitygw();
      await using s3 = new FaultyProxy(server.settings.endpoint);
      await using api = new FaultyProxy(() => project.details.apiUrl);
      await using project = await LiveProject.start({
        s3: server.settings,
        s3Endpoint: s3.url,
        supabaseUrl: api.url,
      });
      const { database, media } = await project.backUp();
      deepStrictEqual([database.status, media.status], ["success", "success"]);
      for (const [fault, run] of Object.entries(faults)) {
        await test.step(fault, () => withoutHarm({ project, s3, api, server }, run));
      }
      await test.step("no secret stands anywhere", () => assertNoSecrets(project));
    },
  });
}

/** Starts the stack's own S3 server, for machines on which versitygw cannot run. */
async function startStackS3(): Promise<FaultyServer> {
  const dataDir = await Deno.makeTempDir({ prefix: "lifeboat-faults-" });
  const server = await startS3({ port: 0, dataDir });
  return {
    settings: {
      bucket: S3_BUCKET,
      region: "us-east-1",
      endpoint: `http://127.0.0.1:${server.port}`,
      accessKeyId: S3_ACCESS_KEY_ID,
      secretAccessKey: S3_SECRET_ACCESS_KEY,
    },
    capabilities: { validates: false, uploadEnds: false },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await Deno.remove(dataDir, { recursive: true });
    },
  };
}

async function withoutHarm(stage: FaultStage, run: Fault): Promise<void> {
  const { project } = stage;
  const before = await readBucket(project.bucket);
  try {
    await run(stage);
  } finally {
    stage.s3.disarm();
    stage.api.disarm();
  }
  const after = await readBucket(project.bucket);
  assertUnharmed(before, after);
  await assertManifestsHold(project.bucket, after);
  deepStrictEqual((await project.history()).filter(({ status }) => status === "running"), []);
}

/** Starts a scheduled database run, waits for its end and returns its row. */
export async function scheduledRun(project: LiveProject): Promise<BackupHistoryRow> {
  const answer = await project.call("database-backup", { trigger: "cron", wait: true });
  strictEqual(answer.status, 200, JSON.stringify(answer.body));
  const row = await project.run(answer.body.runId);
  deepStrictEqual([answer.body.status, answer.body.errorCode], [row.status, row.error_code]);
  return row;
}

/**
 * Fails unless history, email and monitor report the failure and nothing in the bucket looks like a backup of the
 * point.
 */
export async function assertFailureIsTold(project: LiveProject, run: BackupHistoryRow, code: string): Promise<void> {
  deepStrictEqual([run.status, run.error_code], ["failed", code]);
  assertSentences(run.error_message, run.error_hint);
  ok(run.finished_at !== null);
  const { messages, pings } = project.stack.mailbox;
  const emails = messages.filter(({ idempotencyKey }) => idempotencyKey?.includes(run.recovery_point));
  deepStrictEqual(emails.map(({ subject }) => /^Backup FAILED: collabhunts, /.test(subject)), [true]);
  match(emails[0].text!, new RegExp(`Code: ${code}\n`));
  match(emails[0].text!, /Nothing that was stored before is harmed/);
  strictEqual((await project.run(run.id)).email_status, "sent");
  // Another dump may have been started in place of the failed one.
  const last = pings.findLast(({ path }) => path !== `${project.pingPath}/start`);
  strictEqual(last?.path, `${project.pingPath}/fail`);
  if (run.kind === "database") await assertNoBackup(project, run);
}

export function assertSentences(...texts: (string | null)[]): void {
  for (const text of texts) match(text ?? "nothing", /^[A-Z0-9].*\.$/s);
}

/**
 * Fails when the bucket has a manifest of the run's point. Without one, whatever else a dead run has left is no backup.
 */
export async function assertNoBackup(project: LiveProject, run: BackupHistoryRow): Promise<void> {
  const keys = await keysIn(project.bucket, `backups/collabhunts-backup-${run.recovery_point}`);
  deepStrictEqual(keys.filter((key) => key.endsWith(".manifest.json")), []);
}

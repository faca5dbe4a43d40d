import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { VerifyDetails } from "../../supabase/functions/_shared/contract/mod.ts";
import { LifeboatError } from "../../supabase/functions/_shared/engine/errors.ts";
import { closeAbandonedRuns } from "../../supabase/functions/_shared/engine/maintenance/close_abandoned_runs.ts";
import { resumeVerify } from "../../supabase/functions/_shared/engine/maintenance/resume_verify.ts";
import { requestCancel } from "../../supabase/functions/_shared/engine/run/cancel_run.ts";
import { eventually } from "../support/eventually.ts";
import { LiveProject } from "../support/live_project.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";
import { VerifyStage } from "./verify_stage.ts";
import { VerifySteps } from "./verify_steps.ts";

const noVersitygw = await versitygwIsMissing();
/** So that the sample project takes some twenty steps. */
const STEP_BYTES = 1024 * 1024;

Deno.test({
  name: `a verify by many invocations${noVersitygw ? ` (on the local stack's own S3: ${noVersitygw})` : ""}`,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(test) {
    await using server = noVersitygw ? undefined : await startVersitygw();
    await using project = await LiveProject.start({ ...server && { s3: server.settings } });
    const { database, media } = await project.backUp();
    const stage = new VerifyStage(project, database, media);
    for (const [name, body] of Object.entries(tests)) await test.step(name, () => body(stage));
  },
});

const flip = (bytes: Uint8Array<ArrayBuffer>, at: number) => {
  bytes[at] ^= 1;
  return bytes;
};

async function lostSteps(stage: VerifyStage, runId: string): Promise<number> {
  const [{ lost }] = await stage.project.sql<{ lost: number }>(
    "select lost_steps as lost from lifeboat.runs where run_id = $1",
    [runId],
  );
  return lost;
}

function refusal(code: string, subject: string): LifeboatError {
  return new LifeboatError({ code, kind: "transient", message: code, hint: "none", operation: "test", subject });
}

/** The lease of the dead, as it is a minute later. */
async function expireLease(stage: VerifyStage): Promise<void> {
  await stage.project.sql("update lifeboat.leases set expires_at = clock_timestamp() where kind = 'verify'");
}

const tests: Record<string, (stage: VerifyStage) => Promise<void>> = {
  "reads everything that one invocation would, and says the same": async (stage) => {
    const alone = await stage.verify();
    const steps = new VerifySteps(stage, { stepBytes: STEP_BYTES });
    const row = await steps.verify();
    ok(steps.invocations > 5, `${steps.invocations} invocations`);
    strictEqual(row.status, "success", `${row.error_code}: ${row.error_message}`);
    deepStrictEqual(row.details, alone.row.details);
    const { coverage, ledger } = row.details as unknown as VerifyDetails;
    deepStrictEqual([coverage.membersChecked, coverage.filesRead, coverage.bytesChecked, ledger], [
      coverage.membersTotal,
      coverage.filesTotal,
      coverage.bytesTotal,
      [],
    ]);
    strictEqual(await lostSteps(stage, row.id), 0);
  },

  "finds damage wherever it lies, and proves it whole again": async (stage) => {
    const { dump, members } = await stage.manifest();
    const file = (await Array.fromAsync(stage.bucket.list("media-backups/"))).findLast(({ key, sizeBytes }) =>
      key.includes("/") && key.split("/").length > 2 && sizeBytes > 100
    )!;
    const flipped = members.filter(({ rows }) => rows > 0);
    const places = [flipped[0], flipped.at(-1)!].map(({ offset }) => offset + 20);
    await stage.tamper(dump.key, (bytes) => places.reduce(flip, bytes), async () => {
      await stage.tamper(file.key, (bytes) => flip(bytes, 50), async () => {
        const alone = await stage.verify();
        const steps = new VerifySteps(stage, { stepBytes: STEP_BYTES });
        const row = await steps.verify();
        deepStrictEqual([row.status, row.error_code], ["failed", "backup_damaged"]);
        const sorted = ({ damage }: VerifyDetails) => damage.map(({ what, code }) => `${what}: ${code}`).sort();
        deepStrictEqual(sorted(row.details as unknown as VerifyDetails), sorted(alone.details));
      });
    });
    const healed = await new VerifySteps(stage, { stepBytes: STEP_BYTES }).verify();
    deepStrictEqual([healed.status, healed.error_message], ["success", null]);
    deepStrictEqual(await stage.rows(), { database: ["success", null], media: ["success", null] });
  },

  "an invocation that dies is replaced, and the run remembers: the next ones do half": async (stage) => {
    const steps = new VerifySteps(stage, {
      stepBytes: STEP_BYTES,
      onInvocation: (number) => number === 3 ? "die" : undefined,
    });
    const row = await steps.verify();
    strictEqual(row.status, "success", `${row.error_code}: ${row.error_message}`);
    const { coverage } = row.details as unknown as VerifyDetails;
    strictEqual(coverage.bytesChecked, coverage.bytesTotal);
    // The third died before it made a budget. Once some steps have gone well, the loss is forgiven.
    deepStrictEqual(steps.budgets.slice(0, 5), [STEP_BYTES, STEP_BYTES, ...Array(3).fill(STEP_BYTES / 2)]);
    deepStrictEqual([steps.budgets.at(-1), await lostSteps(stage, row.id)], [STEP_BYTES, 0]);
  },

  "when all have died, maintenance has it go on": async (stage) => {
    let dies = true;
    const steps = new VerifySteps(stage, {
      stepBytes: STEP_BYTES,
      // Its predecessor, which would replace it, is long gone.
      onInvocation: (number) => number === 1 ? undefined : dies && number === 2 ? "die" : undefined,
    });
    const runId = await steps.begin();
    await eventually("the second has died", () => steps.invocations === 2);
    const database = stage.connectingDatabase();
    const dead = { database, verifyStarter: steps.starter };
    await expireLease(stage);
    deepStrictEqual(await closeAbandonedRuns(database), []);
    dies = false;
    strictEqual(await resumeVerify(dead), runId);
    strictEqual(await resumeVerify(dead), null);
    const row = await steps.ended(runId);
    strictEqual(row.status, "success", `${row.error_code}: ${row.error_message}`);
    deepStrictEqual(steps.budgets.slice(0, 2), [STEP_BYTES, STEP_BYTES / 2]);
  },

  "one whose worker has to end before the next can be started goes on all the same": async (stage) => {
    const steps = new VerifySteps(stage, {
      stepBytes: STEP_BYTES,
      onStart: (number, end) => {
        if (number !== 2) return;
        end.abort(refusal("worker_ended", "cpu"));
        throw refusal("step_not_started", "backup-admin");
      },
    });
    const row = await steps.verify();
    strictEqual(row.status, "success", `${row.error_code}: ${row.error_message}`);
  },

  "a step that ends each of its workers ends the run": async (stage) => {
    const steps = new VerifySteps(stage, {
      stepBytes: STEP_BYTES,
      onInvocation: (number) => number >= 2 && number <= 6 ? "die" : undefined,
    });
    const row = await steps.verify();
    deepStrictEqual([row.status, row.error_code], ["failed", "step_abandoned"]);
    strictEqual(steps.invocations, 7);
    deepStrictEqual(await stage.rows(), { database: ["success", null], media: ["success", null] });
  },

  "one that was cancelled is not taken up again": async (stage) => {
    const steps = new VerifySteps(stage, {
      stepBytes: STEP_BYTES,
      onInvocation: (number) => number === 2 ? "die" : undefined,
    });
    const runId = await steps.begin();
    await eventually("the second has died", () => steps.invocations === 2);
    const database = stage.connectingDatabase();
    await requestCancel(database, runId);
    await expireLease(stage);
    strictEqual(await resumeVerify({ database, verifyStarter: steps.starter }), null);
    deepStrictEqual((await closeAbandonedRuns(database)).map(({ id }) => id), [runId]);
    await steps.ended(runId);
  },

  "a manifest that is replaced between two steps ends the run, and says nothing about the point": async (stage) => {
    const key = stage.database.manifest_key!;
    const original = await stage.text(key);
    const put = (text: string) =>
      stage.bucket.put(key, new TextEncoder().encode(text), { contentType: "application/json" });
    const steps = new VerifySteps(stage, {
      stepBytes: STEP_BYTES,
      onInvocation: async (number) => {
        if (number === 3) await put(`${original} `);
      },
    });
    const row = await steps.verify();
    deepStrictEqual([row.status, row.error_code], ["failed", "point_changed"]);
    await put(original);
    deepStrictEqual(await stage.rows(), { database: ["success", null], media: ["success", null] });
  },

  "a dump that is replaced between two steps ends the run: what was read is not there any more": async (stage) => {
    const { dump, members } = await stage.manifest();
    const changed = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    let tampering: Promise<void> | undefined;
    // The first member is read first of all: whoever looks only at what is left finds nothing wrong.
    const change = (bytes: Uint8Array<ArrayBuffer>) => flip(bytes, members[0].offset + 20);
    const steps = new VerifySteps(stage, {
      stepBytes: STEP_BYTES,
      onInvocation: async (number) => {
        if (number !== 3) return;
        tampering = stage.tamper(dump.key, change, async () => {
          changed.resolve();
          await ended.promise;
        });
        await changed.promise;
      },
    });
    const row = await steps.verify();
    ended.resolve();
    await tampering;
    deepStrictEqual([row.status, row.error_code], ["failed", "point_changed"]);
    deepStrictEqual(await stage.rows(), { database: ["success", null], media: ["success", null] });
  },

  "a manifest that costs as much as a step leaves half of it to the files": async (stage) => {
    // Each step spends 16 KiB on asking for the manifest, and 512 bytes on a file that is looked up.
    const steps = new VerifySteps(stage, { stepBytes: 16 * 1024 });
    const runId = await steps.begin({ coverage: "sample", samplePercent: 0 });
    const row = await steps.ended(runId);
    strictEqual(row.status, "success", `${row.error_code}: ${row.error_message}`);
    const { coverage } = row.details as unknown as VerifyDetails;
    const most = coverage.membersChecked + coverage.filesTotal / 4;
    ok(steps.invocations < most, `${steps.invocations} invocations for ${coverage.filesTotal} files`);
  },

  "of two that take the same step, one works": async (stage) => {
    const steps = new VerifySteps(stage, {
      stepBytes: STEP_BYTES,
      onInvocation: (number) => number === 2 ? "die" : undefined,
    });
    const runId = await steps.begin();
    await eventually("the second has died", () => steps.invocations === 2);
    const [{ epoch }] = await stage.project.sql<{ epoch: string }>(
      "select epoch::text from lifeboat.leases where kind = 'verify'",
    );
    const started = await Promise.allSettled(
      Array.from({ length: 5 }, () => steps.starter.startVerifyStep({ runId, epoch })),
    );
    const refusals = started.flatMap((one) => one.status === "rejected" ? [one.reason.code] : []);
    deepStrictEqual(refusals, Array(4).fill("step_taken"));
    strictEqual((await steps.ended(runId)).status, "success");
  },
};

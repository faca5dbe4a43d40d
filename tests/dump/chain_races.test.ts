import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { migrate } from "../support/migrations.ts";
import { startTestServer, type TestProject } from "../support/test_server.ts";
import { assertWhole, manifestAt, onServer, withBucket } from "./chain_checks.ts";
import { LifeboatError } from "../../supabase/functions/_shared/engine/errors.ts";
import { adoptOwnership } from "../../supabase/functions/_shared/engine/store/ownership.ts";
import { Chain, dumpSettings, type Invocation } from "./chain_stage.ts";
import { eventually } from "../support/eventually.ts";

const KIBIBYTE = 1024;
const TABLES = `
  create table bookings (id bigint primary key, note text);
  insert into bookings select g, repeat(md5(g::text), 8) from generate_series(1, 6000) g;
  create table visits as select g as id, repeat('x', 200) as note from generate_series(1, 4000) g;`;

Deno.test(
  `two invocations at one dump${onServer}`,
  { sanitizeOps: false, sanitizeResources: false },
  async (test) => {
    const server = await startTestServer();
    await withBucket(async (store) => {
      const project = await server.createProject(TABLES);
      await migrate(project.url);

      await test.step("a writer that was only silent comes further while another claims its step: no row is doubled", async () => {
        const claimed = Promise.withResolvers<void>();
        const written = Promise.withResolvers<void>();
        let silent = false;
        const chain = new Chain({
          url: project.url,
          store,
          stepBytes: 600 * KIBIBYTE,
          before: async ({ number }, _action, what) => {
            if (number === 2 && silent) written.resolve();
            if (number === 2 && /checkpoint_dump/.test(what)) {
              silent = true;
              await claimed.promise;
            }
            if (number !== 3 || !/claim_dump_step/.test(what)) return;
            claimed.resolve();
            await written.promise;
          },
        });
        const row = await chain.run();
        ok(silent);
        deepStrictEqual([row?.status, row?.error_message], ["success", null]);
        const manifest = await manifestAt(store, row!.manifest_key!);
        await assertWhole(store, manifest);
        const names = manifest.tables.map(({ schema, name }) => `${schema}.${name}`);
        deepStrictEqual(names, [...new Set(names)]);
      });

      await test.step("all that hold the snapshot die before the next one has its locks: never a success", async () => {
        const others: Invocation[] = [];
        let locked = false;
        const chain = new Chain({
          url: project.url,
          store,
          stepBytes: 600 * KIBIBYTE,
          onInvocation: (invocation) => void others.push(invocation),
          before: async (invocation, _action, what) => {
            if (invocation.number !== 3 || locked || !/^lock table/.test(what)) return;
            locked = true;
            for (const other of others) if (other !== invocation) void other.kill();
            await untilSessions(project, 1);
            await project.sql("truncate visits");
          },
        });
        // The other invocations were killed; the third one alone is left to end the run.
        await chain.run();
        ok(locked);
        await untilSessions(project, 0);
        const [row] = await project.sql<{ status: string }>(
          "select status from backup_history order by started_at desc limit 1",
        );
        strictEqual(row.status, "running");
      });

      await test.step("it is not started anew when somebody has cancelled it", async () => {
        await project.sql("select lifeboat.request_cancel(run_id) from lifeboat.leases where run_id is not null");
        await project.sql("update lifeboat.leases set expires_at = clock_timestamp() where run_id is not null");
        await project.sql("select lifeboat.close_abandoned_runs()");
        const restart = () => project.sql<{ row: unknown }>("select lifeboat.claim_dump_restart() as row");
        deepStrictEqual(await restart(), [{ row: null }]);
        await project.sql("update lifeboat.runs set cancel_requested_at = null");
        ok((await restart())[0].row);
      });

      await test.step("the newest holder dies before its snapshot is taken over: that of an older one does as well", async () => {
        const invocations: Invocation[] = [];
        let killed = false;
        let lost = false;
        const isKilled = Promise.withResolvers<void>();
        const isLost = Promise.withResolvers<void>();
        const chain = new Chain({
          url: project.url,
          store,
          stepBytes: 600 * KIBIBYTE,
          onInvocation: (invocation) => void invocations.push(invocation),
          before: async (invocation, _action, what) => {
            const [first, second] = invocations;
            // Without this the invocation would leave, since two later ones hold the snapshot.
            if (invocation.number === 3 && /claim_dump_step/.test(what)) first.process.pause(isKilled.promise);
            if (invocation.number === 3 && !killed && first.process.paused && /^copy/.test(what)) {
              killed = true;
              second.process.pause(isLost.promise);
              const death = invocation.kill();
              isKilled.resolve();
              await death;
            }
            if (invocation.number > 3 && !lost && /^set transaction snapshot/.test(what)) {
              lost = true;
              void second.kill();
              isLost.resolve();
              await untilSessions(project, 2);
            }
          },
        });
        const row = await chain.run();
        ok(lost);
        deepStrictEqual([row?.status, row?.error_code], ["success", null]);
        await assertWhole(store, await manifestAt(store, row!.manifest_key!));
      });

      await test.step("one that is cancelled while it cannot be handed on is cancelled, and has not failed", async () => {
        const chain = new Chain({
          url: project.url,
          store,
          stepBytes: 600 * KIBIBYTE,
          onInvocation: async ({ number }) => {
            if (number < 3) return;
            await project.sql("select lifeboat.request_cancel(run_id) from lifeboat.leases where run_id is not null");
            throw new LifeboatError({ code: "configuration_invalid", kind: "permanent", message: "Sample.", hint: "" });
          },
        });
        strictEqual((await chain.run())?.status, "cancelled");
      });

      await test.step("the bucket has another marker than when the dump was begun: it goes on nowhere", async () => {
        const owner = { project: "sample", projectUrl: dumpSettings.projectUrl };
        let adopted = false;
        const chain = new Chain({
          url: project.url,
          store,
          stepBytes: 600 * KIBIBYTE,
          before: async ({ number }) => {
            if (number !== 2 || adopted) return;
            adopted = true;
            await adoptOwnership(store, owner, new Date(0));
          },
        });
        const row = await chain.run();
        deepStrictEqual([row?.status, row?.error_code], ["failed", "destination_changed"]);
      });

      await test.step("one whose first worker dies before it holds a snapshot is started anew", async () => {
        const chain = new Chain({
          url: project.url,
          store,
          stepBytes: 600 * KIBIBYTE,
          before: (invocation, _action, what) => what === "s3 put" ? invocation.kill() : undefined,
        });
        strictEqual(await chain.run(), undefined);
        await project.sql("update lifeboat.leases set expires_at = clock_timestamp() where run_id is not null");
        await project.sql("select lifeboat.close_abandoned_runs(); update lifeboat.dumps set restarted_at = null");
        const [{ failed }] = await project.sql<{ failed: { error_code: string } | null }>(
          "select lifeboat.claim_dump_restart() as failed",
        );
        strictEqual(failed?.error_code, "run_abandoned");
      });

      await test.step({
        name: "a part that comes late from a writer that was given up: no dump, and another is started",
        // s3rver joins whatever lies there.
        ignore: onServer !== "",
        fn: async () => {
          await project.sql(`create table noise as select g as id, (
          select string_agg(md5(g || ' ' || n), '') from generate_series(1, 20000) n) as note from generate_series(1, 20) g`);
          let late = false;
          const chain = new Chain({
            url: project.url,
            store,
            stepBytes: 4 * 1024 * KIBIBYTE,
            before: async (_invocation, _action, what) => {
              if (late || what !== "s3 complete") return;
              late = true;
              const [{ key, id }] = await project.sql<{ key: string; id: string }>(
                `select upload_key as key, upload_id as id from lifeboat.runs join lifeboat.leases using (run_id)`,
              );
              const upload = await store.openUpload(key, { contentType: "application/gzip", uploadId: id });
              await upload.putPart(1, new Uint8Array(5 * 1024 * KIBIBYTE));
            },
          });
          const row = await chain.run();
          ok(late);
          deepStrictEqual([row?.status, row?.error_code], ["failed", "upload_missing"]);
          await project.sql("update lifeboat.dumps set restarted_at = null");
          const [{ failed }] = await project.sql<{ failed: { id: string } }>(
            "select lifeboat.claim_dump_restart() as failed",
          );
          strictEqual(failed?.id, row?.id);
        },
      });
    });
    await server.stop();
  },
);

/** Waits until as many sessions of the dump are left. */
function untilSessions(project: TestProject, left: number): Promise<boolean> {
  return eventually(`${left} sessions of the dump are left`, async () => {
    const [{ sessions }] = await project.sql<{ sessions: number }>(
      `select count(*)::int4 as sessions from pg_stat_activity
       where datname = current_database() and application_name = 'lifeboat dump'`,
    );
    return sessions === left;
  });
}

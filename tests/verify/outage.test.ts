import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { createS3ObjectStore } from "../../supabase/functions/_shared/adapters/s3/object_store.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import { retryingStore } from "../../supabase/functions/_shared/engine/store/retrying_store.ts";
import { errorXml, FaultyProxy, type SeenRequest } from "../support/faulty_proxy.ts";
import { LiveProject } from "../support/live_project.ts";
import { VerifyStage } from "./verify_stage.ts";

const down = { kind: "answer", status: 500, body: errorXml("InternalError") } as const;
const isMember = ({ headers }: SeenRequest) => headers.has("range");
const isFile = ({ method, target }: SeenRequest) => method === "GET" && target.includes("/media-backups/profile");

Deno.test({
  name: "a bucket that fails or stalls makes a point neither damaged nor verified",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(test) {
    await using project = await LiveProject.start();
    await using proxy = new FaultyProxy(project.details.s3Endpoint);
    const { database, media } = await project.backUp();
    const stage = new VerifyStage(project, database, media);
    const store = retryingStore(
      createS3ObjectStore({
        bucket: project.details.s3Bucket,
        region: "us-east-1",
        endpoint: proxy.url,
        accessKeyId: project.details.s3AccessKeyId,
        secretAccessKey: project.details.s3SecretAccessKey,
        stallTimeoutMs: 500,
      }),
      { ...systemClock, sleep: () => Promise.resolve() },
      Math.random,
    );

    const lasting = {
      "500 for every request": () => proxy.arm(down, () => true, Infinity),
      "500 for the dump's members": () => proxy.arm(down, isMember, Infinity),
      "members that stop in the middle": () =>
        proxy.arm({ kind: "stall", afterResponseBytes: 1_000 }, isMember, Infinity),
      "files that stop in the middle": () => proxy.arm({ kind: "stall", afterResponseBytes: 1_000 }, isFile, Infinity),
      "files that break off": () => proxy.arm({ kind: "drop", side: "response", afterBytes: 1_000 }, isFile, Infinity),
      "403 for files": () =>
        proxy.arm({ kind: "answer", status: 403, body: errorXml("AccessDenied") }, isFile, Infinity),
    };
    for (const [name, arm] of Object.entries(lasting)) {
      await test.step(name, async () => {
        arm();
        const { row } = await stage.verify(undefined, { store });
        proxy.disarm();
        const code = name.startsWith("403") ? "store_refused" : "store_unavailable";
        deepStrictEqual([row.status, row.error_code], ["failed", code], row.error_message ?? "");
        deepStrictEqual(await stage.rows(), { database: ["success", null], media: ["success", null] });
        deepStrictEqual(await project.sql("select from lifeboat.point_checks"), []);
        deepStrictEqual(stage.alerts, []);
      });
    }

    const passing = {
      "a bit of a member": () => proxy.arm({ kind: "flip", side: "response", atByte: 300 }, isMember),
      "a bit of a file": () => proxy.arm({ kind: "flip", side: "response", atByte: 20 }, isFile),
      "a connection in a member": () => proxy.arm({ kind: "drop", side: "response", afterBytes: 1_000 }, isMember),
      "a connection in a file": () => proxy.arm({ kind: "drop", side: "response", afterBytes: 1_000 }, isFile),
    };
    for (const [name, arm] of Object.entries(passing)) {
      await test.step(`${name} that is lost on the way, once, is read again`, async () => {
        arm();
        const { row, details } = await stage.verify(undefined, { store });
        proxy.disarm();
        deepStrictEqual([row.status, row.error_message, details.damage], ["success", null, []]);
        strictEqual(stage.alerts.length, 0);
      });
    }
  },
});

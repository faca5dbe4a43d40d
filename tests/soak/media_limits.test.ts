import { ok, strictEqual } from "node:assert/strict";
import { startStack } from "../../local/stack.ts";
import { withClient } from "../../local/with_client.ts";
import { wasKilled, type WorkerRecord } from "../../local/worker_record.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";

const without = await versitygwIsMissing();
/** 100000 takes about an hour, most of which are the uploads into the light Storage server and its answers. */
const files = Number(Deno.env.get("LIFEBOAT_SOAK_FILES") ?? 3_000);
const films = 4;
const filmBytes = 20_000_000;

Deno.test({
  name: `${files} small files and ${films} large ones are copied within the hosted limits, and then linked` +
    (without ? `: ${without}` : ""),
  ignore: without !== undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using s3 = await startVersitygw();
    const { bucket, region, accessKeyId, secretAccessKey, endpoint } = s3.settings;
    const dataDir = await Deno.makeTempDir({ prefix: "lifeboat-media-" });
    await Deno.chmod(dataDir, 0o755);
    const stack = await startStack({
      portBase: null,
      dataDir,
      sample: false,
      postgresSettings: { fsync: "off" },
      functionEnv: () => ({
        AWS_S3_BUCKET: bucket,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        S3_ENDPOINT: endpoint!,
        S3_FORCE_PATH_STYLE: "true",
      }),
    });
    try {
      const { apiUrl, functionsUrl, dbUrl, secretKey } = stack.details;
      const post = (url: string, body: BodyInit, contentType = "application/json") =>
        fetch(url, { method: "POST", headers: { apikey: secretKey, "content-type": contentType }, body })
          .then((response) => response.json());
      await post(`${apiUrl}/storage/v1/bucket`, JSON.stringify({ id: "photos", name: "photos" }));
      const upload = (name: string, bytes: Uint8Array<ArrayBuffer>) =>
        post(`${apiUrl}/storage/v1/object/photos/${name}`, bytes, "image/jpeg");
      let next = 0;
      const uploader = async () => {
        for (let i = next++; i < files; i = next++) {
          await upload(`small/${i}.jpg`, crypto.getRandomValues(new Uint8Array(20_000)));
        }
      };
      await Promise.all(Array.from({ length: 8 }, uploader));
      for (let i = 0; i < films; i++) {
        await upload(`large/${i}.mp4`, new Uint8Array(filmBytes).map((_, at) => i + at * 7 + (at >> 9)));
      }

      let known = 0;
      for (const round of ["first", "unchanged"]) {
        const startedMs = performance.now();
        const { runId } = await post(`${functionsUrl}/backup-media`, "{}");
        const row = await settled(dbUrl, runId);
        const seconds = (performance.now() - startedMs) / 1000;
        strictEqual(row.status, "success", `${row.error_code}: ${row.error_message}`);
        strictEqual(Number(row.files), files + films);
        strictEqual(Number(row.bytes), round === "first" ? files * 20_000 + films * filmBytes : 0);
        const { workers } = await fetch(`${functionsUrl}/_limits`).then((response) => response.json()) as {
          workers: WorkerRecord[];
        };
        const own = workers.filter(({ functionName }) => functionName === "backup-media");
        const cpuMs = own.reduce((sum, worker) => sum + worker.cpuMs, 0);
        const joined = own.flatMap(({ invocations }) => invocations).filter(({ status }) => status === 202).length;
        const most = Math.max(...own.map((worker) => worker.cpuMs));
        const peakMb = Math.round(Math.max(...own.map(({ peakBytes }) => peakBytes)) / 1e6);
        console.log(
          `      ${round}: ${seconds.toFixed(0)} s, ${((cpuMs - known) / 1000).toFixed(1)} s of CPU; so far ` +
            `${joined} invocations in ${own.length} workers, of which none took more than ${
              (most / 1000).toFixed(2)
            } s ` +
            `and ${peakMb} MB above a bare one`,
        );
        known = cpuMs;
        ok(!own.some(wasKilled));
        ok(peakMb < 180, `${peakMb} MB`);
      }
    } finally {
      await stack.stop();
      await Deno.remove(dataDir, { recursive: true });
    }
  },
});

async function settled(dbUrl: string, runId: string): Promise<Record<string, unknown>> {
  return await withClient(dbUrl, async (client) => {
    for (;;) {
      const { rows: [row] } = await client.query("select * from public.backup_history where id = $1", [runId]);
      if (row.status !== "running") return row;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  });
}

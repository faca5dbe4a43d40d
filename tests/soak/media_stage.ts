import { startStack } from "../../local/stack.ts";
import { withClient } from "../../local/with_client.ts";
import type { WorkerRecord } from "../../local/worker_record.ts";
import { startVersitygw } from "../support/versitygw.ts";
import { eventually } from "../support/eventually.ts";

const DEADLINE_MS = 7_200_000;

/** Starts a project without the sample, whose functions copy into versitygw within the hosted limits. */
export async function startMediaStage() {
  const s3 = await startVersitygw();
  const dataDir = await Deno.makeTempDir({ prefix: "lifeboat-media-" });
  await Deno.chmod(dataDir, 0o755);
  const stack = await startStack({
    portBase: null,
    dataDir,
    sample: false,
    s3: s3.settings,
    postgresSettings: { fsync: "off" },
  });
  const { apiUrl, functionsUrl, dbUrl, secretKey } = stack.details;
  const post = (url: string, body: BodyInit, contentType = "application/json") =>
    fetch(url, { method: "POST", headers: { apikey: secretKey, "content-type": contentType }, body })
      .then((response) => response.json());
  return {
    s3,
    stack,
    dataDir,
    createBucket: (id: string) => post(`${apiUrl}/storage/v1/bucket`, JSON.stringify({ id, name: id })),
    upload: (name: string, body: BodyInit, contentType: string) =>
      post(`${apiUrl}/storage/v1/object/${name}`, body, contentType),
    /** Makes a media run and returns its row and how long it took. */
    async backUpMedia() {
      const startedMs = performance.now();
      const { runId } = await post(`${functionsUrl}/backup-media`, "{}");
      const row = await settled(dbUrl, runId);
      return { row, seconds: (performance.now() - startedMs) / 1000 };
    },
    /** The workers of `backup-media` so far. */
    async workers(): Promise<WorkerRecord[]> {
      const { workers } = await fetch(`${functionsUrl}/_limits`).then((response) => response.json());
      return workers.filter(({ functionName }: WorkerRecord) => functionName === "backup-media");
    },
    async [Symbol.asyncDispose]() {
      await stack.stop();
      await Deno.remove(dataDir, { recursive: true });
      await s3[Symbol.asyncDispose]();
    },
  };
}

async function settled(dbUrl: string, runId: string): Promise<Record<string, unknown>> {
  return await withClient(dbUrl, async (client) => {
    return await eventually("the run is settled", async () => {
      const { rows: [row] } = await client.query("select * from public.backup_history where id = $1", [runId]);
      return row.status !== "running" && row;
    }, DEADLINE_MS);
  });
}

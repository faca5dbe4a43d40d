// Measures from outside how much memory and CPU `database-backup` takes for a table of N gigabytes while it dumps over
// HTTP into versitygw: npm run bench -- function-memory [--gigabytes 2]
import pg from "pg";
import { startStack } from "../local/stack.ts";
import { startVersitygw } from "../tests/support/versitygw.ts";
import { processFigures, processOf } from "./process_figures.ts";

export async function functionMemory(gigabytes: number): Promise<Record<string, number | string>> {
  const s3 = await startVersitygw();
  const dataDir = await Deno.makeTempDir({ prefix: "lifeboat-bench-" });
  await Deno.chmod(dataDir, 0o755);
  const stack = await startStack({
    portBase: null,
    dataDir,
    sample: false,
    // One worker does everything, with far more CPU than a hosted worker gets, but no more memory.
    limits: { cpuSoftMs: Infinity, cpuHardMs: Infinity },
    postgresSettings: { fsync: "off", max_wal_size: "8GB" },
    s3: s3.settings,
    // The dump takes one invocation, as far as time allows.
    functionEnv: { BACKUP_STEP_MIB: "9999" },
  });
  try {
    await fill(stack.details.dbUrl, gigabytes);
    const call = (functionName: string, body: object) =>
      fetch(`${stack.details.functionsUrl}/${functionName}`, {
        method: "POST",
        headers: { apikey: stack.details.secretKey, "content-type": "application/json" },
        body: JSON.stringify(body),
      }).then((response) => response.json());
    // Starts the worker without a run, to measure what it takes when idle.
    await call("database-backup", { unknown: true });
    const pid = await processOf("database-backup");
    const idle = await processFigures(pid);
    const startedMs = performance.now();
    const { runId } = await call("database-backup", {});
    const row = await settled(stack.details.dbUrl, runId);
    const seconds = (performance.now() - startedMs) / 1000;
    const after = await processFigures(pid);
    const mebibytes = Number(row.raw_bytes) / 1024 / 1024;
    return {
      status: String(row.status),
      jsonMebibytes: Math.round(mebibytes),
      storedMebibytes: Math.round(Number(row.bytes) / 1024 / 1024),
      seconds: round(seconds),
      idleMegabytes: round(idle.peakBytes / 1e6),
      peakMegabytes: round(after.peakBytes / 1e6),
      cpuSeconds: round(after.cpuSeconds - idle.cpuSeconds),
      cpuMillisecondsPerMebibyte: round((after.cpuSeconds - idle.cpuSeconds) * 1000 / mebibytes),
    };
  } finally {
    await stack.stop();
    await s3[Symbol.asyncDispose]();
    await Deno.remove(dataDir, { recursive: true });
  }
}

/** Makes rows of about 400 bytes, as in an ordinary application. */
async function fill(url: string, gigabytes: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("set statement_timeout = 0");
  await client.query(`create unlogged table public.events as
    select g as id, g::bigint * 1000000007 as sequence, md5(g::text) as token, repeat(md5((g * 7)::text), 8) as body,
      now() as created_at, (g * 1.37)::numeric(12, 2) as price, jsonb_build_object('k', g) as meta
    from generate_series(1, ${Math.round(gigabytes * 2_550_000)}) g`);
  await client.end();
}

async function settled(url: string, runId: string): Promise<Record<string, unknown>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    while (true) {
      const { rows: [row] } = await client.query("select * from public.backup_history where id = $1", [runId]);
      if (row.status !== "running") return row;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  } finally {
    await client.end();
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

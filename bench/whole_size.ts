// A project of N gigabytes of tables and M files is backed up by the functions within the hosted limits, restored by the
// command line into a new project, and compared: every row, every file. npm run bench -- whole-size [--gigabytes 2] [--files 100000]
import { join } from "node:path";
import { startStack } from "../local/stack.ts";
import { withClient } from "../local/with_client.ts";
import type { WorkerRecord } from "../local/worker_record.ts";
import { callFunction, settledRun } from "./function_run.ts";
import { measureCommand } from "./measure.ts";
import { fillFiles } from "./media_files.ts";
import { fillTables, lifeboat, type Stage, startStage } from "./stage.ts";

const TABLES = ["events", "articles", "line_items"];

export interface WholeSize {
  readonly gigabytes: number;
  readonly files: number;
  readonly database: FunctionShare;
  readonly media: FunctionShare;
  /** The same files once more. */
  readonly unchangedMedia: FunctionShare;
  readonly restoreSeconds: number;
  readonly rowsEqual: number;
  readonly filesEqual: number;
}

/** What a run took, above bare workers. */
interface FunctionShare {
  readonly seconds: number;
  readonly workers: number;
  readonly invocations: number;
  readonly cpuSeconds: number;
  readonly mostCpuOfAnInvocation: number;
  readonly mostCpuOfAWorker: number;
  readonly peakMegabytes: number;
  /** Workers that a limit killed. */
  readonly killed: number;
}

export async function wholeSize(
  gigabytes: number,
  files: number,
  fileBytes: number,
  seed: number,
  say: (line: string) => void,
): Promise<WholeSize> {
  await using stage = await startStage();
  say(`making ${gigabytes} GB of tables and ${files} files of ${fileBytes} bytes`);
  await fillTables(stage, gigabytes, seed);
  await fillFiles(stage, { name: "", files, bytes: fileBytes }, seed);

  const startedMs = performance.now();
  const { recovery_point: point } = await settledRun(stage, await callFunction(stage, "database-backup"));
  const database = shareOf(stage, "database-backup", startedMs, 0);
  say(`database: ${JSON.stringify(database)}`);
  await settledRun(stage, await mediaRunOf(stage, String(point)));
  const media = shareOf(stage, "backup-media", startedMs + database.seconds * 1000, 0);
  say(`media: ${JSON.stringify(media)}`);
  const againMs = performance.now();
  await settledRun(stage, await callFunction(stage, "backup-media"));
  const unchangedMedia = shareOf(stage, "backup-media", againMs, media.workers);
  say(`unchanged media: ${JSON.stringify(unchangedMedia)}`);

  await using target = await emptyProject(join(stage.folder, "target"));
  const restoreMs = performance.now();
  const { details } = target.stack;
  await measureCommand(
    `${lifeboat} restore --point ${point} --jobs 2 --apply --json --target-db '${details.dbUrl}' ` +
      `--target-url '${details.apiUrl}' --target-key '${details.secretKey}'`,
    stage.env,
    stage.servers,
  );
  const restoreSeconds = Math.round((performance.now() - restoreMs) / 1000);
  say(`restored in ${restoreSeconds} s`);
  const rowsEqual = await compareRows(stage, details.dbUrl);
  const filesEqual = await compareFiles(join(stage.folder, "stack", "objects"), join(target.folder, "objects"));
  if (filesEqual !== files) throw new Error(`${filesEqual} of ${files} files came back`);
  return { gigabytes, files, database, media, unchangedMedia, restoreSeconds, rowsEqual, filesEqual };
}

/** `after` workers of the function belong to an earlier run. */
function shareOf(stage: Stage, functionName: string, startedMs: number, after: number): FunctionShare {
  const workers = stage.stack.workers().filter((worker) => worker.functionName === functionName).slice(after);
  const invocations = workers.flatMap((worker) => worker.invocations).filter(({ status }) => status === 202);
  const most = (values: number[]) => Math.max(0, ...values) / 1000;
  return {
    seconds: Math.round((performance.now() - startedMs) / 1000),
    workers: workers.length,
    invocations: invocations.length,
    cpuSeconds: workers.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / 1000,
    mostCpuOfAnInvocation: most(invocations.map(({ cpuMs }) => cpuMs)),
    mostCpuOfAWorker: most(workers.map(({ cpuMs }) => cpuMs)),
    peakMegabytes: Math.round(Math.max(0, ...workers.map(({ peakBytes }) => peakBytes)) / 1e6),
    killed: workers.filter(isKilled).length,
  };
}

function isKilled({ ended }: WorkerRecord): boolean {
  return ended !== null && ended !== "early_drop" && ended !== "stopped";
}

/** The function begins the media half by itself. */
async function mediaRunOf(stage: Stage, point: string): Promise<string> {
  while (true) {
    const [run] = await stage.sql<{ id: string }>(
      "select id from public.backup_history where kind = 'media' and recovery_point = $1",
      [point],
    );
    if (run) return run.id;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A project without a table of its own: what a person restores into. */
async function emptyProject(folder: string) {
  const stack = await startStack({
    portBase: null,
    dataDir: folder,
    sample: false,
    postgresSettings: { max_wal_size: "8GB", checkpoint_timeout: "30min" },
  });
  await withClient(stack.superuserUrl, async (client) => {
    await client.query(`do $$ declare found text; begin
      for found in select c.oid::regclass from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace loop
        execute format('drop table %s cascade', found);
      end loop;
      drop schema lifeboat cascade;
      drop type if exists public.app_role cascade;
      delete from supabase_migrations.schema_migrations;
      alter table storage.objects owner to postgres;
    end $$`);
  });
  return { stack, folder, [Symbol.asyncDispose]: () => stack.stop() };
}

/** Every row as text, in the same order from both sides. Returns how many. Throws at the first difference. */
async function compareRows(stage: Stage, target: string): Promise<number> {
  const url = stage.stack.details.dbUrl;
  let rows = 0;
  for (const table of TABLES) {
    const copy = (from: string) =>
      `psql -qX -v ON_ERROR_STOP=1 -c "set statement_timeout = 0" -c "copy (select r::text from public.${table} r order by r::text collate \\"C\\") to stdout" '${from}'`;
    await measureCommand(`cmp <(${copy(url)}) <(${copy(target)})`, stage.env, stage.servers);
    const [{ count }] = await stage.sql<{ count: string }>(`select count(*) from public.${table}`);
    rows += Number(count);
  }
  return rows;
}

/** Every file and what Storage keeps of it. Returns how many. Throws at the first difference. */
async function compareFiles(one: string, other: string): Promise<number> {
  const { code, stdout } = await new Deno.Command("diff", { args: ["-rq", one, other] }).output();
  if (code !== 0) throw new Error(`files differ: ${new TextDecoder().decode(stdout).slice(0, 2_000)}`);
  let files = 0;
  for await (const { name } of Deno.readDir(other)) if (!name.endsWith(".json")) files++;
  return files;
}

// `npm run bench -- whole-size [--gigabytes 2] [--files 100000]` backs up tables and files with functions under hosted
// limits, restores them by the command line into a new project, and compares every row and file. A passed limit ends
// it.
import { join } from "node:path";
import { startStack } from "../local/stack.ts";
import { type InvocationRecord, wasKilled, type WorkerRecord } from "../local/worker_record.ts";
import { emptyProject } from "../tests/support/empty_project.ts";
import { callEdgeFunction, settledRun } from "./function_run.ts";
import { measureCommand } from "./measure.ts";
import { fillFiles } from "./media_files.ts";
import { fillTables, LIFEBOAT_COMMAND, type Stage, startStage } from "./stage.ts";

const TABLES = ["events", "articles", "line_items"];

export interface WholeSize {
  readonly gigabytes: number;
  readonly files: number;
  readonly database: FunctionShare;
  readonly media: FunctionShare;
  /** A second run over the same files. */
  readonly unchangedMedia: FunctionShare;
  readonly restoreSeconds: number;
  readonly rowsEqual: number;
  readonly filesEqual: number;
}

/** Resources that a run took, above those of bare workers. */
interface FunctionShare {
  readonly seconds: number;
  readonly workers: number;
  readonly invocations: number;
  readonly cpuSeconds: number;
  readonly mostCpuOfAnInvocation: number;
  readonly mostCpuOfAWorker: number;
  readonly peakMegabytes: number;
  /** Number of workers that a limit killed. */
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
  const { recovery_point: point } = await settledRun(stage, await callEdgeFunction(stage, "database-backup"));
  const database = shareOf(stage, "database-backup", startedMs, NOTHING);
  say(`database: ${JSON.stringify(database)}`);
  await settledRun(stage, await mediaRunOf(stage, String(point)));
  const media = shareOf(stage, "backup-media", startedMs + database.seconds * 1000, NOTHING);
  say(`media: ${JSON.stringify(media)}`);
  const before = takenBy(stage, "backup-media");
  const againMs = performance.now();
  await settledRun(stage, await callEdgeFunction(stage, "backup-media"));
  const unchangedMedia = shareOf(stage, "backup-media", againMs, before);
  say(`unchanged media: ${JSON.stringify(unchangedMedia)}`);

  await using target = await newProject(join(stage.folder, "target"));
  const restoreMs = performance.now();
  const { details } = target.stack;
  await measureCommand(
    `${LIFEBOAT_COMMAND} restore --point ${point} --jobs 2 --apply --json --target-db '${details.dbUrl}' ` +
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

/** Resources that all workers of a function have taken so far. */
interface Taken {
  readonly invocations: readonly InvocationRecord[];
  readonly cpuSeconds: number;
}

const NOTHING: Taken = { invocations: [], cpuSeconds: 0 };

function takenBy(stage: Stage, functionName: string): Taken {
  const workers = workersOf(stage, functionName);
  return {
    invocations: workers.flatMap(({ invocations }) => invocations),
    cpuSeconds: workers.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / 1000,
  };
}

function workersOf(stage: Stage, functionName: string): WorkerRecord[] {
  return stage.stack.workers().filter((worker) => worker.functionName === functionName);
}

/** Resources taken since `before`, also by older workers. Throws when a limit was passed. */
function shareOf(stage: Stage, functionName: string, startedMs: number, before: Taken): FunctionShare {
  const now = takenBy(stage, functionName);
  const earlier = new Set(before.invocations);
  const invocations = now.invocations.filter((invocation) => !earlier.has(invocation));
  const workers = workersOf(stage, functionName).filter((worker) =>
    worker.invocations.some((invocation) => !earlier.has(invocation))
  );
  const most = (values: number[]) => Math.max(0, ...values) / 1000;
  const share = {
    seconds: Math.round((performance.now() - startedMs) / 1000),
    workers: workers.length,
    invocations: invocations.filter(({ status }) => status === 202).length,
    cpuSeconds: Math.round((now.cpuSeconds - before.cpuSeconds) * 100) / 100,
    mostCpuOfAnInvocation: most(invocations.map(({ cpuMs }) => cpuMs)),
    mostCpuOfAWorker: most(workers.map(({ cpuMs }) => cpuMs)),
    peakMegabytes: Math.round(Math.max(0, ...workers.map(({ peakBytes }) => peakBytes)) / 1e6),
    killed: workers.filter(wasKilled).length,
  };
  const passed = share.killed > 0 || share.mostCpuOfAnInvocation > 1 || share.peakMegabytes > 180;
  if (passed) {
    const highest = invocations.map(({ cpuMs }) => cpuMs).sort((a, b) => b - a).slice(0, 10);
    throw new Error(`${functionName} passed a limit: ${JSON.stringify({ ...share, highest })}`);
  }
  return share;
}

/** Finds the media run, which the function starts by itself. */
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

/** Makes the project to restore into. */
async function newProject(folder: string) {
  const stack = await startStack({
    portBase: null,
    dataDir: folder,
    sample: false,
    postgresSettings: { max_wal_size: "8GB", checkpoint_timeout: "30min" },
  });
  await emptyProject(stack);
  return { stack, folder, [Symbol.asyncDispose]: () => stack.stop() };
}

/** Compares every row as text, in one order on both sides. Returns their number. Throws at the first difference. */
async function compareRows(stage: Stage, target: string): Promise<number> {
  let rows = 0;
  for (const table of TABLES) {
    const files = [];
    for (const [side, url] of [["source", stage.stack.details.dbUrl], ["target", target]]) {
      const file = join(stage.folder, `rows-${side}`);
      const copy = `copy (select r::text from public.${table} r order by r::text collate \\"C\\") to stdout`;
      const command = `psql -qX -v ON_ERROR_STOP=1 -c "set statement_timeout = 0" -c "${copy}" '${url}' >'${file}'`;
      await measureCommand(command, stage.env, stage.servers);
      files.push(file);
    }
    const { stdout } = await measureCommand(
      `cmp '${files[0]}' '${files[1]}' && wc -l <'${files[1]}'`,
      stage.env,
      stage.servers,
    );
    // COPY writes a line feed within a value as \n.
    const [{ count }] = await stage.sql<{ count: string }>(`select count(*) from public.${table}`);
    if (stdout.trim() !== count) throw new Error(`${stdout.trim()} of ${count} rows of ${table} were compared`);
    for (const file of files) await Deno.remove(file);
    rows += Number(count);
  }
  return rows;
}

/** Compares every file and its metadata in Storage. Returns their number. Throws at the first difference. */
async function compareFiles(one: string, other: string): Promise<number> {
  const { code, stdout } = await new Deno.Command("diff", { args: ["-rq", one, other] }).output();
  if (code !== 0) throw new Error(`files differ: ${new TextDecoder().decode(stdout).slice(0, 2_000)}`);
  let files = 0;
  for await (const { name } of Deno.readDir(other)) if (!name.endsWith(".json")) files++;
  return files;
}

import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { formatCount, formatDecimalBytes, formatDuration } from "../cli/figures.ts";
import { LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";
import { fail } from "./demo_failed.ts";
import { proveIt } from "./demo_proof.ts";
import { type RunningStack, startStack } from "./stack.ts";
import { withClient } from "./with_client.ts";
import { describeWorker } from "./worker_record.ts";

type Row = Record<string, unknown>;

/** Longest that a full backup of the sample project takes on a slow machine. */
const TIME_LIMIT_MS = 300_000;

/**
 * Starts the stack on free ports with its data in a temporary folder, runs the scheduled job like cron, shows the
 * result, and proves it with the commands that verify and restore. Returns the exit code: 0 only if every run
 * succeeded, S3 holds a manifest, and the email arrived.
 */
export async function runDemo(ending: Promise<string>): Promise<number> {
  const dataDir = await Deno.makeTempDir({ prefix: "lifeboat-demo-" });
  // For root, PostgreSQL runs as another user, who must be able to enter the folder.
  await Deno.chmod(dataDir, 0o755);
  const log: string[] = [];
  const say = (part: string, line: string) => log.push(`[${part}] ${line}`);
  let stack: RunningStack | undefined;
  try {
    const interrupted = ending.then((signal) => fail(`Stopped by ${signal}.`));
    console.log("Starting PostgreSQL, Supabase's API, S3, the mailbox and the sample project …");
    const starting = startStack({ portBase: null, dataDir, onLine: say, postgresSettings: { fsync: "off" } });
    stack = await starting;
    const broken = stack.broken.then((part) => fail(`The part "${part}" ended by itself.`));
    const work = async (running: RunningStack) => {
      await backUpAndShow(running);
      await proveIt(running.details, dataDir);
    };
    await Promise.race([work(stack), broken, interrupted]);
    const seconds = Math.round(performance.now() / 1_000);
    console.log(`\nAll of it took ${seconds} seconds. \`npm start\` keeps such a project up to look around in.`);
    return 0;
  } catch (error) {
    const message = error instanceof LifeboatError ? `${error.message}\n${error.hint}` : String(error);
    console.error(`\nThe demo failed: ${message}`);
    const said = log.filter((line) => !line.startsWith("[postgres]")).slice(-40);
    if (said.length > 0) console.error(`\nThe last that the parts said:\n${said.join("\n")}`);
    return 1;
  } finally {
    await stack?.stop();
    await Deno.remove(dataDir, { recursive: true });
  }
}

async function backUpAndShow(stack: RunningStack): Promise<void> {
  const { details } = stack;
  const command = await scheduledCommand(details.dbUrl);
  console.log(`Running the scheduled job as cron would: ${command}`);
  await withClient(details.dbUrl, (client) => client.query(command));

  const runs = await settledRuns(details.dbUrl);
  const emailed = await until(() => stack.mailbox.messages.length > 0, 60_000);
  console.log("\nHistory (public.backup_history)");
  for (const run of runs) console.log(describeRun(run));
  console.log(`\nIn S3 (bucket ${details.s3Bucket})`);
  const keys = await storedKeys(stack);
  for (const line of summary(keys)) console.log(line);
  for (const message of stack.mailbox.messages) {
    console.log(`\nEmail to ${message.to.join(", ")}\nSubject: ${message.subject}\n\n${message.text ?? ""}`);
  }
  console.log("\nWhat the functions took of what the platform gives them (local/README.md)");
  for (const worker of stack.workers()) console.log(`  ${worker.functionName.padEnd(18)} ${describeWorker(worker)}`);

  const problems = runs.filter((run) => run.status !== "success")
    .map((run) => `The ${run.kind} run ended as "${run.status}".`);
  for (const ending of [".json.gz", ".manifest.json"]) {
    if (!keys.some(({ key }) => key.startsWith("backups/") && key.endsWith(ending))) {
      problems.push(`S3 holds no backups/*${ending}.`);
    }
  }
  if (!emailed) problems.push("No email arrived in the mailbox.");
  if (problems.length > 0) fail(problems.join(" "));
}

async function scheduledCommand(databaseUrl: string): Promise<string> {
  const jobs = await withClient(
    databaseUrl,
    (client) =>
      client.query<{ command: string }>("select command from cron.job where jobname like '%database-backup%'"),
  );
  return jobs.rows[0]?.command ?? fail("The migrations scheduled no job for database-backup.");
}

/** The newest database run and the newest media run, once both have ended. */
async function settledRuns(databaseUrl: string): Promise<Row[]> {
  let runs: Row[] = [];
  const settled = await until(async () => {
    const result = await withClient(databaseUrl, (client) =>
      client.query<Row>(
        `select distinct on (kind) * from public.backup_history where kind in ('database', 'media')
         order by kind, started_at desc`,
      ));
    runs = result.rows;
    const done = runs.filter((run) => run.finished_at !== null);
    // After a failed dump no media run is started.
    return done.length === 2 || done.some((run) => run.kind === "database" && run.status === "failed");
  }, TIME_LIMIT_MS);
  if (settled) return runs;
  const seen = runs.map(describeRun).join("\n") ||
    "The history is empty: the function was not reached or could not start.";
  return fail(`After ${TIME_LIMIT_MS / 1000} seconds the backup was not complete.\n${seen}`);
}

function describeRun(run: Row): string {
  const figures = ["tables", "rows", "files", "skipped"]
    .flatMap((name) =>
      run[name] === null || run[name] === undefined ? [] : [`${formatCount(Number(run[name]))} ${name}`]
    );
  const stored = run.bytes === null ? "" : `${formatDecimalBytes(Number(run.bytes))} stored`;
  const duration = run.duration_ms ? formatDuration(Number(run.duration_ms)) : "";
  const error = run.error_code ? `${run.error_code}: ${run.error_message}` : "";
  return `  ${String(run.kind).padEnd(9)} ${
    [run.status, ...figures, stored, duration, error].filter(Boolean).join(", ")
  }`;
}

async function storedKeys(stack: RunningStack): Promise<{ key: string; sizeBytes: number }[]> {
  const { details } = stack;
  const client = new S3Client({
    endpoint: details.s3Endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: details.s3AccessKeyId, secretAccessKey: details.s3SecretAccessKey },
  });
  const keys: { key: string; sizeBytes: number }[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: details.s3Bucket, ContinuationToken: token }),
    );
    for (const object of page.Contents ?? []) keys.push({ key: object.Key!, sizeBytes: object.Size! });
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return keys;
}

/** Every key, but only the folders of media objects. */
function summary(keys: readonly { key: string; sizeBytes: number }[]): string[] {
  const lines = new Map<string, { files: number; sizeBytes: number }>();
  for (const { key, sizeBytes } of keys) {
    const media = /^(media-backups\/[^/]+\/)./.exec(key);
    const name = media?.[1] ?? key;
    const line = lines.get(name) ?? { files: 0, sizeBytes: 0 };
    lines.set(name, { files: line.files + 1, sizeBytes: line.sizeBytes + sizeBytes });
  }
  return [...lines].map(([name, { files, sizeBytes }]) =>
    `  ${name.padEnd(62)} ${name.endsWith("/") ? `${files} files, ` : ""}${formatDecimalBytes(sizeBytes)}`
  );
}

async function until(condition: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (!await condition()) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return true;
}

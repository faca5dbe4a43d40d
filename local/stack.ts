import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type AdminPage, startAdminPage } from "./admin_page.ts";
import { startCronDaemon } from "./cron_daemon.ts";
import { type FunctionHostOptions, startFunctionHost } from "./function_host.ts";
import { type GatewayOptions, startGateway } from "./gateway.ts";
import { installPlatform, installProject } from "./install.ts";
import { PUBLISHABLE_KEY, S3_ACCESS_KEY_ID, S3_BUCKET, S3_SECRET_ACCESS_KEY, SECRET_KEY } from "./keys.ts";
import { type Mailbox, startMailbox } from "./mailbox.ts";
import { startPostgres } from "./postgres.ts";
import { startS3 } from "./s3.ts";
import { ADMIN } from "./sample/people.ts";
import { functionEnvironment, type StackDetails } from "./stack_details.ts";
import { stackPorts } from "./stack_ports.ts";
import { startSupabaseApi } from "./supabase_api.ts";
import type { WorkerRecord } from "./worker_record.ts";

export interface StackOptions {
  /** First of six consecutive ports (stack_ports.ts); null takes free ones. */
  readonly portBase: number | null;
  /** Made when it does not exist; holds database, objects and `stack.json`. */
  readonly dataDir: string;
  /** The project's `supabase/functions` if absent. */
  readonly functionsDir?: string | undefined;
  /** Variables that are added to the functions' environment or replace others in it. */
  readonly functionEnv?: FunctionEnv | ((details: StackDetails) => FunctionEnv);
  /** Limits of each worker (function_limits.ts) in place of the free plan's; null: none; absent: by LIFEBOAT_LIMITS. */
  readonly limits?: FunctionHostOptions["limits"];
  /** An S3 server and bucket to use; one is started if absent. */
  readonly s3?: StackS3;
  /** Password of `supabase_admin` and `postgres`; `postgres` if absent. */
  readonly databasePassword?: string;
  /** False makes a project without tables, users and files. */
  readonly sample?: boolean;
  /** True serves the admin page for development. */
  readonly adminPage?: boolean;
  /** Folder of PostgreSQL binaries to use instead of npm's. */
  readonly postgresBinDir?: string;
  readonly postgresSettings?: Readonly<Record<string, string>>;
  /** Receives every line of a part's output. */
  readonly onLine?: (part: string, line: string) => void;
}

type Writable<Object> = { -readonly [Key in keyof Object]: Object[Key] };
type FunctionEnv = Readonly<Record<string, string>>;

export interface StackS3 {
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface RunningStack {
  readonly details: StackDetails;
  /** Connection string of the superuser, which hosted projects do not have. */
  readonly superuserUrl: string;
  readonly mailbox: Mailbox;
  /** Every worker so far, oldest first, with its resources; also at `functionsUrl/_limits`. */
  workers(): readonly WorkerRecord[];
  /** Settles with the name of a part that ended by itself. */
  readonly broken: Promise<string>;
  /** Stops every part and removes `stack.json`. May be repeated. */
  stop(): Promise<void>;
}

/**
 * Starts the whole local stack and waits until each part answers. When a part cannot start, the others are stopped and
 * its error is thrown (`port_taken`, `data_dir_in_use`, `part_failed`, `sql_failed`, …).
 */
export async function startStack(options: StackOptions): Promise<RunningStack> {
  const ports = stackPorts(options.portBase);
  const dataDir = options.dataDir;
  const stackFile = join(dataDir, "stack.json");
  const say = (part: string) => (line: string) => options.onLine?.(part, line);
  const origin = (port: number) => `http://127.0.0.1:${port}`;

  const stops: (() => Promise<unknown>)[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () =>
    stopping ??= (async () => {
      for (const stopPart of stops.reverse()) await stopPart();
    })();
  const broken = Promise.withResolvers<string>();
  const watch = (part: string, child: { exited: Promise<unknown> }) =>
    void child.exited.then(() => stopping === undefined && broken.resolve(part));

  try {
    await Deno.mkdir(dataDir, { recursive: true });
    // The gateway starts first, since other parts need its address.
    const gateway: Writable<GatewayOptions> = { port: ports.api, apiOrigin: null, functions: null };
    const { port: apiPort, stop: stopGateway } = startGateway(gateway);
    stops.push(stopGateway);

    const postgres = await startPostgres({
      dataDir: join(dataDir, "postgres"),
      port: ports.database,
      binDir: options.postgresBinDir,
      settings: options.postgresSettings,
      superuserPassword: options.databasePassword,
      onLine: say("postgres"),
    });
    stops.push(postgres.stop);
    watch("postgres", postgres);

    const mailbox = startMailbox({ port: ports.mailbox });
    stops.push(mailbox.stop);
    let ownS3 = "";
    if (options.s3 === undefined) {
      const s3 = await startS3({ port: ports.s3, dataDir: join(dataDir, "s3"), onLine: say("s3") });
      stops.push(s3.stop);
      watch("s3", s3);
      ownS3 = origin(s3.port);
    }
    const api = await startSupabaseApi({
      databaseUrl: postgres.superuserUrl,
      port: ports.supabase,
      objectsDir: join(dataDir, "objects"),
      apiUrl: origin(apiPort),
      onLine: say("supabase api"),
    });
    stops.push(api.stop);
    watch("supabase api", api);

    const details: StackDetails = {
      apiUrl: origin(apiPort),
      functionsUrl: `${origin(apiPort)}/functions/v1`,
      publishableKey: PUBLISHABLE_KEY,
      secretKey: SECRET_KEY,
      dbUrl: postgres.url,
      s3Endpoint: options.s3?.endpoint ?? ownS3,
      s3Bucket: options.s3?.bucket ?? S3_BUCKET,
      s3AccessKeyId: options.s3?.accessKeyId ?? S3_ACCESS_KEY_ID,
      s3SecretAccessKey: options.s3?.secretAccessKey ?? S3_SECRET_ACCESS_KEY,
      mailboxUrl: mailbox.url,
      adminUrl: `${origin(ports.admin)}/backup-history`,
      adminEmail: ADMIN.email,
      adminPassword: ADMIN.password,
    };
    const functionEnv = typeof options.functionEnv === "function" ? options.functionEnv(details) : options.functionEnv;
    const functions = startFunctionHost({
      functionsDir: options.functionsDir ?? fileURLToPath(new URL("../supabase/functions", import.meta.url)),
      env: { ...functionEnvironment(details), ...functionEnv },
      limits: options.limits,
      onLine: say("functions"),
    });
    stops.push(functions.stop);
    gateway.apiOrigin = origin(api.port);
    gateway.functions = functions;

    await installPlatform(postgres.superuserUrl);
    await installProject({
      details,
      superuserUrl: postgres.superuserUrl,
      sample: options.sample ?? true,
      onLine: say("install"),
    });
    const cron = await startCronDaemon({
      databaseUrl: postgres.superuserUrl,
      jobUrl: postgres.url,
      onLine: say("cron"),
    });
    stops.push(cron.stop);

    if (options.adminPage) {
      const page: AdminPage | null = await startAdminPage({ port: ports.admin, details, onLine: say("admin page") });
      if (page !== null) {
        stops.push(page.stop);
        watch("admin page", page);
      }
    }
    stops.push(() => Deno.remove(stackFile));
    await Deno.writeTextFile(stackFile, JSON.stringify(details, null, 2) + "\n");
    return {
      details,
      superuserUrl: postgres.superuserUrl,
      mailbox,
      workers: functions.workers,
      broken: broken.promise,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

import { fileURLToPath } from "node:url";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { startFunctionHost } from "../../local/function_host.ts";
import { type Postgres, startPostgres } from "../../local/postgres.ts";
import { type RunningStack, type StackOptions, type StackS3, startStack } from "../../local/stack.ts";
import { functionEnvironment, type StackDetails } from "../../local/stack_details.ts";
import { withClient } from "../../local/with_client.ts";
import { createS3ObjectStore } from "../../supabase/functions/_shared/adapters/s3/object_store.ts";
import type { BackupHistoryRow } from "../../supabase/functions/_shared/contract/mod.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { eventually } from "./eventually.ts";

export type FunctionName = "database-backup" | "backup-media" | "backup-maintenance" | "backup-admin";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any -- what a stranger's client sees: JSON of no declared type.
  readonly body: any;
}

export interface LiveProjectOptions {
  /** A server to back up to instead of the stack's own. */
  readonly s3?: StackS3;
  /** Where functions reach the bucket, when a proxy stands before it. */
  readonly s3Endpoint?: string;
  /** Where functions reach the project, when a proxy stands before it. */
  readonly supabaseUrl?: string;
  /** Variables added to the environment of the functions. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Limits of each worker. */
  readonly limits?: StackOptions["limits"];
  /** Functions to run instead of those from source. */
  readonly functionsDir?: string;
}

/** Secrets that are made up here, so that tests can look for them in everything that is written. */
const PING_ID = "5d1f7a52-0b6c-4d3e-8f21-c7e6a9b04d18";
const RESEND_KEY = "re_sample_Jq7c2Lw9xT4vB8nZ";
const DATABASE_PASSWORD = "sample-Kd83mQ-vYt2";

/** The whole local stack with the sample project, as tests see it: over HTTP, SQL, the bucket and the mailbox. */
export class LiveProject implements AsyncDisposable {
  /** Every text that a function answered. */
  readonly answers: string[] = [];
  #admin?: Promise<string>;
  #restarted?: Postgres;

  private constructor(
    readonly stack: RunningStack,
    /** The bucket itself, past every proxy. */
    readonly bucket: ObjectStore,
    /** Every line that a part said. */
    readonly log: readonly string[],
    readonly options: LiveProjectOptions,
    private readonly folder: string,
  ) {}

  static async start(options: LiveProjectOptions = {}): Promise<LiveProject> {
    const folder = await Deno.makeTempDir({ prefix: "lifeboat-live-" });
    // PostgreSQL runs as a user of its own where the tests run as root.
    await Deno.chmod(folder, 0o755);
    const log: string[] = [];
    try {
      const stack = await startStack({
        portBase: null,
        dataDir: `${folder}/data`,
        databasePassword: DATABASE_PASSWORD,
        postgresSettings: { fsync: "off" },
        ...options.s3 && { s3: options.s3 },
        ...options.limits !== undefined && { limits: options.limits },
        functionsDir: options.functionsDir,
        functionEnv: (details) => environmentOf(details, options),
        onLine: (part, line) => log.push(`[${part}] ${line}`),
      });
      const { details } = stack;
      const bucket = createS3ObjectStore({
        bucket: details.s3Bucket,
        region: "us-east-1",
        endpoint: details.s3Endpoint,
        accessKeyId: details.s3AccessKeyId,
        secretAccessKey: details.s3SecretAccessKey,
      });
      return new LiveProject(stack, bucket, log, options, folder);
    } catch (error) {
      await Deno.remove(folder, { recursive: true });
      throw error;
    }
  }

  get details(): StackDetails {
    return this.stack.details;
  }

  /** Texts that must not be found in any output. */
  async secrets(): Promise<Record<string, string>> {
    return {
      "S3 secret": this.details.s3SecretAccessKey,
      "secret key": this.details.secretKey,
      "database password": DATABASE_PASSWORD,
      "Resend key": RESEND_KEY,
      "ping id": PING_ID,
      "admin's token": await this.adminToken(),
    };
  }

  get pingPath(): string {
    return `/ping/${PING_ID}`;
  }

  /** Calls a function as the service does, or with the headers given. */
  async call(name: FunctionName, body: unknown = {}, headers?: Record<string, string>): Promise<Answer> {
    return await this.request(name, {
      method: "POST",
      headers: headers ?? { apikey: this.details.secretKey },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  }

  async request(name: FunctionName, init: RequestInit): Promise<Answer> {
    return await this.#read(await fetch(`${this.details.functionsUrl}/${name}`, init));
  }

  /** Calls a function that was deployed with other settings; an absent one is left out of the environment. */
  async callWith(
    changes: Readonly<Record<string, string | undefined>>,
    name: FunctionName,
    body: unknown = {},
  ): Promise<Answer> {
    const environment = { ...functionEnvironment(this.details), ...environmentOf(this.details, this.options) };
    const env = Object.entries({ ...environment, ...changes }).filter((entry): entry is [string, string] =>
      entry[1] !== undefined
    );
    const functions = startFunctionHost({
      functionsDir: fileURLToPath(new URL("../../supabase/functions", import.meta.url)),
      env: Object.fromEntries(env),
      onLine: (line) => (this.log as string[]).push(`[other functions] ${line}`),
    });
    try {
      const request = new Request(`http://127.0.0.1/${name}`, {
        method: "POST",
        headers: { apikey: this.details.secretKey },
        body: JSON.stringify(body),
      });
      return await this.#read(await functions.handle(request, `/${name}`));
    } finally {
      await functions.stop();
    }
  }

  async #read(response: Response): Promise<Answer> {
    const text = await response.text();
    this.answers.push(text);
    const isJson = response.headers.get("content-type")?.includes("json");
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** Starts a backup as cron does at 02:17, and like cron returns at once. */
  async runScheduledBackup(): Promise<void> {
    const [{ command }] = await this.sql<{ command: string }>(
      "select command from cron.job where jobname like '%database-backup%'",
    );
    await this.sql(command);
  }

  async sql<Row = Record<string, unknown>>(text: string, params?: unknown[]): Promise<Row[]> {
    return await withClient(this.details.dbUrl, async (client) => (await client.query(text, params)).rows as Row[]);
  }

  /** Every run, oldest first, as the page gets it. */
  async history(): Promise<BackupHistoryRow[]> {
    const rows = await this.sql<{ row: BackupHistoryRow }>(
      "select to_jsonb(h) as row from public.backup_history h order by started_at, kind",
    );
    return rows.map(({ row }) => row);
  }

  async run(id: string): Promise<BackupHistoryRow> {
    return (await this.history()).find((run) => run.id === id)!;
  }

  /** Both runs of the newest recovery point, once they have ended and its email has gone its way. */
  async newestPointSettled(): Promise<{ database: BackupHistoryRow; media: BackupHistoryRow }> {
    return await eventually("the newest recovery point is settled", async () => {
      const [point] = await this.sql<{ database_run: string; media_run: string | null; email_status: string }>(
        `select database_run, media_run, email_status from lifeboat.recovery_points
         where database_run is not null order by point desc limit 1`,
      );
      if (!point?.media_run || (point.email_status ?? "pending") === "pending") return undefined;
      return { database: await this.run(point.database_run), media: await this.run(point.media_run) };
    });
  }

  /** Makes a whole backup, which has to succeed. */
  async backUp(): Promise<{ database: BackupHistoryRow; media: BackupHistoryRow }> {
    const answer = await this.call("database-backup", { trigger: "cron", wait: true });
    // 202: other calls go on with the dump.
    if (answer.status !== 200 && answer.status !== 202) {
      throw new Error(`database-backup answered ${answer.status}: ${this.answers.at(-1)}`);
    }
    return await this.newestPointSettled();
  }

  /** A token of the signed-in admin, the same all along. */
  adminToken(): Promise<string> {
    return this.#admin ??= this.signIn({ email: this.details.adminEmail, password: this.details.adminPassword });
  }

  async signIn(person: { email: string; password: string }): Promise<string> {
    const { data, error } = await this.client(this.details.publishableKey).auth.signInWithPassword(person);
    if (error) throw error;
    return data.session.access_token;
  }

  client(key: string = this.details.secretKey): SupabaseClient {
    return createClient(this.details.apiUrl, key, { auth: { persistSession: false, autoRefreshToken: false } });
  }

  /** Runs something while PostgreSQL is gone; afterwards it is back on its port, with its data. */
  async withoutDatabase(run: () => Promise<void>): Promise<void> {
    const pid = Number((await Deno.readTextFile(`${this.folder}/data/postgres/postmaster.pid`)).split("\n")[0]);
    Deno.kill(pid, "SIGINT");
    await this.stack.broken;
    try {
      await run();
    } finally {
      this.#restarted = await startPostgres({
        dataDir: `${this.folder}/data/postgres`,
        port: Number(new URL(this.details.dbUrl).port),
        superuserPassword: DATABASE_PASSWORD,
        settings: { fsync: "off" },
      });
    }
  }

  /** An upload through the Storage API. Not by supabase-js, which leaves `#`, `?` and `%` in names to the URL parser. */
  async upload(bucket: string, path: string, content: string | Uint8Array, type = "text/plain"): Promise<void> {
    const address = [bucket, ...path.split("/")].map(encodeURIComponent).join("/");
    const response = await fetch(`${this.details.apiUrl}/storage/v1/object/${address}`, {
      method: "POST",
      headers: { apikey: this.details.secretKey, "content-type": type, "cache-control": "60", "x-upsert": "true" },
      body: typeof content === "string" ? content : new Uint8Array(content),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`Storage did not take ${bucket}/${path}: ${response.status} ${answer}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#restarted?.stop();
    await this.stack.stop();
    await Deno.remove(this.folder, { recursive: true });
  }
}

function environmentOf(details: StackDetails, options: LiveProjectOptions): Record<string, string> {
  return {
    BACKUP_PING_URL: `${details.mailboxUrl}/ping/${PING_ID}`,
    RESEND_API_KEY: RESEND_KEY,
    // A run is one call, however much its process has done before; tests of several calls say so.
    BACKUP_STEP_MIB: "1000",
    ...options.s3Endpoint && { S3_ENDPOINT: options.s3Endpoint },
    ...options.supabaseUrl && { SUPABASE_URL: options.supabaseUrl },
    ...options.environment,
  };
}

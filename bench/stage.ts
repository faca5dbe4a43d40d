import { join } from "node:path";
import pg from "pg";
import { functionEnvironment } from "../local/stack_details.ts";
import { type RunningStack, startStack } from "../local/stack.ts";
import { withClient } from "../local/with_client.ts";
import { denoPath } from "../scripts/deno.mjs";
import type { ObjectStore } from "../supabase/functions/_shared/engine/store/object_store.ts";
import { storeOn } from "../tests/support/s3_server.ts";
import { startVersitygw, versitygwIsMissing } from "../tests/support/versitygw.ts";
import { type Servers } from "./measure.ts";
import { commandLine, processTree } from "./process_tree.ts";

/** A project without tables, a real S3 server, and settings of the command line for both. */
export interface Stage extends AsyncDisposable {
  readonly stack: RunningStack;
  readonly servers: Servers;
  readonly folder: string;
  readonly superuserUrl: string;
  /** The environment of the command line: that of a function, except that it sends no emails. */
  readonly env: Readonly<Record<string, string>>;
  readonly store: ObjectStore;
  readonly s3: { readonly endpoint: string; readonly bucket: string; readonly folder: string };
  /** Runs SQL as superuser, in the project's database unless another is named. */
  sql<Row extends pg.QueryResultRow>(text: string, params?: unknown[], database?: string): Promise<Row[]>;
}

const NO_EMAILS = {
  RESEND_API_KEY: "",
  BACKUP_EMAIL_FROM: "",
  BACKUP_EMAIL_TO: "",
  BACKUP_PING_URL: "",
};

const root = new URL("../", import.meta.url).pathname;

/** The command line of Lifeboat as a shell command. */
export const LIFEBOAT_COMMAND = `'${denoPath()}' run -A --quiet '${root}cli/main.ts'`;

/**
 * Starts PostgreSQL with its default settings except WAL size. Throws without a real S3 server: measuring against a toy
 * server would measure the toy.
 */
export async function startStage(): Promise<Stage> {
  const missing = await versitygwIsMissing();
  if (missing) throw new Error(missing);
  const s3 = await startVersitygw();
  const folder = await Deno.makeTempDir({ prefix: "lifeboat-bench-" });
  await Deno.chmod(folder, 0o755);
  const close = async () => {
    await s3[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  };
  try {
    const stack = await startStack({
      portBase: null,
      dataDir: join(folder, "stack"),
      sample: false,
      s3: s3.settings,
      postgresSettings: { max_wal_size: "8GB", checkpoint_timeout: "30min" },
      functionEnv: NO_EMAILS,
    });
    const port = new URL(s3.settings.endpoint).port;
    const servers = {
      postgresPid: Number((await Deno.readTextFile(join(folder, "stack/postgres/postmaster.pid"))).split("\n")[0]),
      storePid: await findOwn((line) => line.includes("versitygw") && line.includes(`:${port} `)),
    };
    const storeArguments = (await commandLine(servers.storePid)).trim().split(" ");
    return {
      stack,
      servers,
      folder,
      superuserUrl: stack.superuserUrl,
      store: storeOn(s3),
      s3: { ...s3.settings, folder: join(storeArguments.at(-1)!, s3.settings.bucket) },
      env: {
        ...functionEnvironment(stack.details),
        ...NO_EMAILS,
        PATH: Deno.env.get("PATH")!,
        HOME: Deno.env.get("HOME") ?? "/tmp",
      },
      sql: (text, params, database = "postgres") =>
        withClient(stack.superuserUrl.replace(/\/postgres$/, `/${database}`), async (client) => {
          await client.query("set statement_timeout = 0");
          const result = await client.query(text, params) as pg.QueryResult | pg.QueryResult[];
          return (Array.isArray(result) ? result.at(-1)! : result).rows;
        }),
      async [Symbol.asyncDispose]() {
        await stack.stop();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The only process with a matching command line that this one has started. */
async function findOwn(is: (commandLine: string) => boolean): Promise<number> {
  for (const pid of await processTree(Deno.pid)) {
    if (pid !== Deno.pid && is(await commandLine(pid))) return pid;
  }
  throw new Error("a server of the bench is not running");
}

/** Fills `public` with tables of about this size, without indexes; the same rows for the same seed. */
export async function fillTables(stage: Stage, gigabytes: number, seed: number): Promise<number> {
  const events = Math.round(gigabytes * EVENTS_PER_GIGABYTE);
  const text = await Deno.readTextFile(new URL("data.sql", import.meta.url));
  await withClient(stage.stack.details.dbUrl, async (client) => {
    await client.query("set statement_timeout = 0");
    await client.query("drop table if exists public.line_items, public.articles, public.events");
    await client.query(text.replaceAll("$SEED", String(seed)).replaceAll("$EVENTS", String(events)));
    await client.query("vacuum analyze");
  });
  await stage.sql("checkpoint");
  const [{ bytes }] = await stage.sql<{ bytes: string }>(
    `select sum(pg_table_size(oid)) as bytes from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
       and relname in ('events', 'articles', 'line_items')`,
  );
  return Number(bytes);
}

/** Measured with data.sql. */
const EVENTS_PER_GIGABYTE = 2_130_000;

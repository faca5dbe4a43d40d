import { dirname, join } from "node:path";
import pg from "pg";
import { LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";
import { type Child, startChild } from "./child_process.ts";
import { assertPortFree, freePort } from "./ports.ts";
import { embeddedBinDir, runnableBinDir, type UnprivilegedUser, unprivilegedUser } from "./postgres_binaries.ts";
import { clearStaleLock } from "./postgres_lock.ts";
import { ROLES_SQL } from "./postgres_roles.ts";

export interface PostgresOptions {
  /** Folder of `initdb` and `postgres`; npm's PostgreSQL 18 if absent. */
  readonly binDir?: string;
  /** Made when it does not exist; an existing cluster in it is started as it is. */
  readonly dataDir: string;
  /** 0 or absent takes a free port. */
  readonly port?: number;
  /** Settings of postgresql.conf, for example `{ fsync: "off" }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Password of `supabase_admin` and `postgres`; `postgres` if absent. An existing cluster keeps its own. */
  readonly superuserPassword?: string;
  readonly onLine?: (line: string) => void;
}

export interface Postgres {
  /** Connection string of role `postgres`: no superuser, but BYPASSRLS, CREATEDB and CREATEROLE, as hosted. */
  readonly url: string;
  /** Connection string of the superuser `supabase_admin`. */
  readonly superuserUrl: string;
  readonly port: number;
  /** Settles when the server has ended for any reason. */
  readonly exited: Promise<Deno.CommandStatus>;
  /** Ends open sessions, writes a checkpoint and waits for the server's end. May be repeated. */
  stop(): Promise<void>;
}

/** Settings of hosted Supabase, where longer statements must raise the limit first. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  wal_level: "logical",
  timezone: "UTC",
  statement_timeout: "2min",
};

/**
 * Starts PostgreSQL on 127.0.0.1 and waits until it answers. The server never outlives this process.
 *
 * Throws `port_taken`, `data_dir_in_use` (a server runs on the directory), `data_dir_unreachable` (as root: the
 * unprivileged user cannot enter it), `postgres_missing`, `postgres_needs_user` or `postgres_failed` with the server's
 * message.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const user = await unprivilegedUser();
  const binDir = await runnableBinDir(options.binDir ?? await embeddedBinDir(), user);
  const password = options.superuserPassword ?? "postgres";
  const wanted = options.port ?? 0;
  if (wanted !== 0) assertPortFree(wanted, "PostgreSQL");

  await clearStaleLock(options.dataDir);
  if (!await exists(join(options.dataDir, "PG_VERSION"))) await initialise(binDir, options.dataDir, password, user);

  for (let attempt = 1;; attempt++) {
    const port = wanted === 0 ? freePort() : wanted;
    const child = run(binDir, port, options, user);
    const url = (role: string) => `postgresql://${role}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
    if (await isReady(child)) {
      await makeRoles(url("supabase_admin"), password).catch(async (error) => {
        await child.stop();
        throw error;
      });
      return {
        url: url("postgres"),
        superuserUrl: url("supabase_admin"),
        port,
        exited: child.exited,
        stop: () => child.stop(),
      };
    }
    await child.stop();
    const said = child.tail().join("\n");
    if (wanted === 0 && attempt < 5 && said.includes("Address already in use")) continue;
    throw failed("PostgreSQL did not start.", said);
  }
}

function run(binDir: string, port: number, options: PostgresOptions, user: UnprivilegedUser | null): Child {
  const settings = { ...SETTINGS, port: String(port), ...options.settings };
  return startChild({
    name: "postgres",
    command: join(binDir, "postgres"),
    args: ["-D", options.dataDir, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    cwd: "/",
    uid: user?.uid,
    gid: user?.gid,
    // Fast shutdown, since SIGTERM would wait for open sessions.
    stopSignal: "SIGINT",
    onLine: options.onLine,
  });
}

/** True once the server reports that it is ready, false when it ended instead. */
async function isReady(child: Child): Promise<boolean> {
  let ended = false;
  child.exited.then(() => ended = true);
  while (!ended) {
    if (child.tail().some((line) => line.includes("ready to accept connections"))) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

async function initialise(
  binDir: string,
  dataDir: string,
  password: string,
  user: UnprivilegedUser | null,
): Promise<void> {
  await Deno.mkdir(dataDir, { recursive: true });
  if (user !== null) {
    await Deno.chown(dataDir, user.uid, user.gid);
    await assertReachable(dataDir, user);
  }
  const passwordFile = await Deno.makeTempFile({ dir: dirname(dataDir), prefix: "pw-" });
  try {
    await Deno.writeTextFile(passwordFile, password);
    if (user !== null) await Deno.chown(passwordFile, user.uid, user.gid);
    const result = await new Deno.Command(join(binDir, "initdb"), {
      args: ["-D", dataDir, "-U", "supabase_admin", "--auth=scram-sha-256", `--pwfile=${passwordFile}`]
        .concat("--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"),
      cwd: "/",
      uid: user?.uid,
      gid: user?.gid,
    }).output();
    const decoder = new TextDecoder();
    if (!result.success) {
      throw failed(
        "The data directory could not be made.",
        decoder.decode(result.stdout) + decoder.decode(result.stderr),
      );
    }
  } finally {
    await Deno.remove(passwordFile);
  }
}

async function assertReachable(dataDir: string, user: UnprivilegedUser): Promise<void> {
  const result = await new Deno.Command("sh", {
    args: ["-c", 'cd "$1"', "sh", dataDir],
    uid: user.uid,
    gid: user.gid,
    cwd: "/",
    stderr: "null",
  }).output();
  if (result.success) return;
  throw new LifeboatError({
    code: "data_dir_unreachable",
    kind: "refused",
    message: `You are root, so PostgreSQL runs as the user ${user.name}, who may not enter a folder above ${dataDir}.`,
    hint:
      "Start as an ordinary user, or set LIFEBOAT_DATA_DIR to a folder that this user can enter, for example /var/tmp/lifeboat.",
    operation: "local.postgres",
    subject: dataDir,
  });
}

async function makeRoles(superuserUrl: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query("select set_config('lifeboat.password', $1, false)", [password]);
    await client.query(ROLES_SQL);
  } finally {
    await client.end();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function failed(sentence: string, said: string): LifeboatError {
  return new LifeboatError({
    code: "postgres_failed",
    kind: "permanent",
    message: `${sentence} It said:\n${said.trim()}`,
    hint:
      "Read what PostgreSQL said. A data directory that is beyond repair can be deleted: it holds sample data only.",
    operation: "local.postgres",
  });
}

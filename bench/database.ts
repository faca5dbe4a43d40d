// Measures how long a dump takes, with Lifeboat's three ways and with other tools, from the same server, round by
// round. The other tools write a file to the disk that also holds the S3 server's objects, unsynced like those; they
// upload nothing, compute no checksums and count no rows.
import { join } from "node:path";
import { contest, type Contestant, type Result } from "./contest.ts";
import { callEdgeFunction, nothingRuns, settledRun } from "./function_run.ts";
import { measureCommand, measureWork } from "./measure.ts";
import { findPostgresPeer, type Peer } from "./peers.ts";
import type { Sample } from "./sample.ts";
import { fillTables, LIFEBOAT_COMMAND, type Stage } from "./stage.ts";

export interface DatabaseBench {
  readonly tablesMebibytes: number;
  readonly reference: string;
  readonly results: readonly Result[];
}

const MEBIBYTE = 1024 * 1024;
export const PG_DUMP = "pg_dump -Fc";

export async function benchDatabase(
  stage: Stage,
  gigabytes: number,
  seed: number,
  rounds: number,
  say: (line: string) => void,
): Promise<DatabaseBench> {
  say(`making ${gigabytes} GB of tables`);
  const bytes = await fillTables(stage, gigabytes, seed);
  const contestants = [
    commandLine(stage, 1),
    commandLine(stage, 2),
    edge(stage),
    ...await postgresPeers(stage),
  ];
  return {
    tablesMebibytes: Math.round(bytes / MEBIBYTE),
    reference: PG_DUMP,
    results: await contest(contestants, rounds, PG_DUMP, say),
  };
}

function commandLine(stage: Stage, jobs: number): Contestant {
  return {
    name: `lifeboat backup --jobs ${jobs}`,
    does: "one snapshot, JSON, gzip -1, SHA-256 and MD5, uploaded to S3; rows counted and digested by PostgreSQL",
    async run() {
      const command = `${LIFEBOAT_COMMAND} backup --database-only --jobs ${jobs} --json`;
      const { sample, stdout } = await measureCommand(command, stage.env, stage.servers);
      const { database } = JSON.parse(stdout);
      return withSizes(sample, database.bytes, database.raw_bytes);
    },
  };
}

function edge(stage: Stage): Contestant {
  return {
    name: "lifeboat in edge functions",
    does: "the same, by the function database-backup within the limits of the local stack",
    async run() {
      const { sample, result, processes } = await measureWork(
        async () => settledRun(stage, await callEdgeFunction(stage, "database-backup")),
        (line) => line.includes("function_worker") && line.includes("database-backup"),
        stage.servers,
      );
      await nothingRuns(stage);
      const { bytes, raw_bytes: rawBytes } = result;
      const measured = withSizes(sample, Number(bytes), Number(rawBytes));
      return { ...measured, figures: { ...measured.figures, workers: processes } };
    },
  };
}

function withSizes(sample: Sample, bytes: number, rawBytes: number): Sample {
  const json = rawBytes / MEBIBYTE;
  return {
    ...sample,
    outputMebibytes: bytes / MEBIBYTE,
    figures: { jsonMebibytes: json, cpuMillisecondsPerMebibyteOfJson: sample.cpuSeconds * 1000 / json },
  };
}

async function postgresPeers(stage: Stage): Promise<Contestant[]> {
  const [{ major }] = await stage.sql<{ major: number }>(
    "select current_setting('server_version_num')::int / 10000 as major",
  );
  const dump = await findPostgresPeer("pg_dump", major);
  const psql = await findPostgresPeer("psql", major);
  const url = stage.stack.details.dbUrl;
  const file = join(stage.folder, "peer-output");
  const lines = ["events", "articles", "line_items"]
    .map((table) => `copy (select row_to_json(r) from public.${table} r) to stdout;`).join(" ");
  const script = join(stage.folder, "copy.sql");
  await Deno.writeTextFile(script, `begin isolation level repeatable read; ${lines} commit;`);
  return [
    peer(
      stage,
      dump,
      PG_DUMP,
      "one snapshot, COPY text, gzip -6, into a file",
      file,
      `-Fc -n public -f '${file}' '${url}'`,
    ),
    peer(
      stage,
      dump,
      "pg_dump | gzip -1",
      "one snapshot, SQL text, gzip -1, into a file",
      file,
      `-n public '${url}' | gzip -1 >'${file}'`,
    ),
    peer(
      stage,
      psql,
      "psql COPY (row_to_json) | gzip -1",
      "one snapshot, JSON without any proof of it, gzip -1, into a file",
      file,
      `-qX -v ON_ERROR_STOP=1 -f '${script}' '${url}' | gzip -1 >'${file}'`,
    ),
  ];
}

function peer(
  stage: Stage,
  { command, version }: Peer,
  name: string,
  does: string,
  file: string,
  args: string,
): Contestant {
  return {
    name,
    does: command === null ? does : `${does} (${version})`,
    ...command === null && { absent: version },
    async run() {
      const { sample } = await measureCommand(`'${command}' ${args}`, stage.env, stage.servers);
      const { size } = await Deno.stat(file);
      await Deno.remove(file);
      return { ...sample, outputMebibytes: size / MEBIBYTE };
    },
  };
}

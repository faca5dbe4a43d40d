// Measures how long copying the files of Storage to S3 takes, and then finding nothing changed, against `rclone copy`
// with as many files at once, from the same Storage API into the same S3 server. rclone keeps no list of copies, no
// checksums to compare later, and no older versions.
import { contest, type Contestant, type Result } from "./contest.ts";
import { callEdgeFunction, settledRun } from "./function_run.ts";
import { startListingServer } from "./listing_server.ts";
import { measureCommand, measureWork } from "./measure.ts";
import { type FileSet, fillFiles } from "./media_files.ts";
import { deleteAllCopies } from "./object_rows.ts";
import { findPeer } from "./peers.ts";
import type { Sample } from "./sample.ts";
import { COMMAND_LINE_LIMITS } from "../supabase/functions/_shared/compose/limits.ts";
import { LIFEBOAT_COMMAND, type Stage } from "./stage.ts";

export interface MediaBench {
  readonly set: FileSet;
  readonly reference: string;
  readonly firstRun: readonly Result[];
  /** A second run over the same files, of which none has changed. */
  readonly secondRun: readonly Result[];
}

const REFERENCE = "rclone copy";
const AT_ONCE = COMMAND_LINE_LIMITS.mediaConcurrency;

export async function benchMedia(
  stage: Stage,
  set: FileSet,
  seed: number,
  rounds: number,
  say: (line: string) => void,
): Promise<MediaBench> {
  say(`making ${set.name}`);
  await fillFiles(stage, set, seed);
  const listing = await startListingServer(stage);
  try {
    const ways = [commandLine(stage), edge(stage), await rclone(stage, listing.url)];
    const second = new Map<string, Sample[]>();
    // The second run needs the copies of the first, so one round does both.
    const inPairs = ways.map((way): Contestant => ({
      ...way,
      async run() {
        await deleteAllCopies(stage);
        const first = perFile(await way.run(), set);
        await assertCopied(stage, set, way.name);
        const again = perFile(await way.run(), set);
        second.set(way.name, [...second.get(way.name) ?? [], again]);
        return first;
      },
    }));
    const firstRun = await contest(inPairs, rounds, REFERENCE, say);
    const recorded = ways.map((way): Contestant => ({
      ...way,
      run: () => Promise.resolve(second.get(way.name)!.shift()!),
    }));
    const secondRun = await contest(recorded, rounds, REFERENCE, () => {});
    return { set, reference: REFERENCE, firstRun, secondRun };
  } finally {
    await listing.stop();
  }
}

function perFile(sample: Sample, { files, bytes }: FileSet): Sample {
  const cpuMs = sample.cpuSeconds * 1000;
  return {
    ...sample,
    figures: {
      ...sample.figures,
      cpuMillisecondsPerFile: cpuMs / files,
      cpuMillisecondsPerMebibyte: cpuMs / (files * bytes / 1024 / 1024),
    },
  };
}

function commandLine(stage: Stage): Contestant {
  return {
    name: "lifeboat media",
    does: `${AT_ONCE} files at once, SHA-256 and MD5 of each, manifest`,
    run: async () => (await measureCommand(`${LIFEBOAT_COMMAND} media --json`, stage.env, stage.servers)).sample,
  };
}

function edge(stage: Stage): Contestant {
  return {
    name: "lifeboat in edge functions",
    does: "the same, by the function backup-media within the limits of the local stack",
    async run() {
      const { sample, processes } = await measureWork(
        async () => settledRun(stage, await callEdgeFunction(stage, "backup-media")),
        (line) => line.includes("function_worker") && line.includes("backup-media"),
        stage.servers,
      );
      return { ...sample, figures: { workers: processes } };
    },
  };
}

async function rclone(stage: Stage, url: string): Promise<Contestant> {
  const peer = await findPeer("rclone", ["rclone"], "apt-get install rclone");
  const { details } = stage.stack;
  const env = {
    ...stage.env,
    RCLONE_CONFIG: "/dev/null",
    RCLONE_CONFIG_STORAGE_TYPE: "http",
    RCLONE_CONFIG_STORAGE_URL: url,
    RCLONE_CONFIG_STORAGE_HEADERS: `apikey,${details.secretKey}`,
    RCLONE_CONFIG_BACKUPS_TYPE: "s3",
    RCLONE_CONFIG_BACKUPS_PROVIDER: "Other",
    RCLONE_CONFIG_BACKUPS_ENDPOINT: details.s3Endpoint,
    RCLONE_CONFIG_BACKUPS_REGION: "us-east-1",
    RCLONE_CONFIG_BACKUPS_ACCESS_KEY_ID: details.s3AccessKeyId,
    RCLONE_CONFIG_BACKUPS_SECRET_ACCESS_KEY: details.s3SecretAccessKey,
  };
  // Compares times of the S3 server, which needs no further request for each object: rclone's fastest way.
  const command = `'${peer.command}' copy storage: backups:${details.s3Bucket}/media-backups/bench ` +
    `--transfers ${AT_ONCE} --checkers ${AT_ONCE} --s3-no-head --s3-no-check-bucket --update --use-server-modtime --retries 1`;
  return {
    name: REFERENCE,
    does: `${AT_ONCE} files at once, by size and time (${peer.version})`,
    ...peer.command === null && { absent: peer.version },
    run: async () => (await measureCommand(command, env, stage.servers)).sample,
  };
}

/** Throws unless every file was copied, because a tool that copies less is faster. */
async function assertCopied(stage: Stage, { files, bytes }: FileSet, name: string): Promise<void> {
  let found = 0;
  const folder = `${stage.s3.folder}/media-backups/bench`;
  for await (const entry of Deno.readDir(folder)) {
    for await (const file of Deno.readDir(`${folder}/${entry.name}`)) {
      if ((await Deno.stat(`${folder}/${entry.name}/${file.name}`)).size === bytes) found++;
    }
  }
  if (found !== files) throw new Error(`${name} copied ${found} of ${files} files whole`);
}

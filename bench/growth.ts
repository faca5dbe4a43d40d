// Measures what a run costs that finds nothing changed, by the number of objects: time, CPU of the process and of
// PostgreSQL. SQL makes the rows of objects and of Lifeboat's bookkeeping, since copying a million files would take
// hours. The run is complete, with its manifest of all objects; were an object missing in the bookkeeping, the run
// would have to read a file that does not exist, and fail.
import { callEdgeFunction, settledRun } from "./function_run.ts";
import { measureCommand, measureWork } from "./measure.ts";
import { deleteAllCopies, emptyStorage } from "./object_rows.ts";
import { type Sample, summarise, type Summary } from "./sample.ts";
import { LIFEBOAT_COMMAND, type Stage } from "./stage.ts";

export interface GrowthBench {
  readonly objects: number;
  readonly ways: readonly {
    readonly name: string;
    readonly median: Summary;
    readonly microsecondsPerObject: PerObject;
  }[];
}

interface PerObject {
  readonly wall: number;
  readonly cpu: number;
  readonly databaseCpu: number;
}

export async function benchGrowth(
  stage: Stage,
  objects: number,
  rounds: number,
  say: (line: string) => void,
): Promise<GrowthBench> {
  say(`making ${objects} objects`);
  await emptyStorage(stage);
  await deleteAllCopies(stage);
  // The first run records which bucket holds the copies, before SQL adds the copies themselves.
  await measureCommand(`${LIFEBOAT_COMMAND} media --json`, stage.env, stage.servers);
  await stage.sql(OBJECTS, [objects]);
  await stage.sql("truncate lifeboat.media_objects");
  await stage.sql(COPIES);
  await stage.sql("analyze storage.objects");
  await stage.sql("analyze lifeboat.media_objects");
  const samples: Record<string, Sample[]> = {};
  for (let round = 1; round <= rounds; round++) {
    for (const [name, run] of Object.entries(WAYS)) {
      const sample = await run(stage);
      (samples[name] ??= []).push(sample);
      say(`round ${round}: ${objects} objects, ${name}: ${sample.wallSeconds.toFixed(2)} s`);
      // A point with a million earlier items would measure something else.
      await stage.sql("truncate lifeboat.media_items, lifeboat.media_points cascade");
    }
  }
  return {
    objects,
    ways: Object.entries(samples).map(([name, taken]) => {
      const median = summarise(taken);
      const each = (seconds: number) => Math.round(seconds * 1e7 / objects) / 10;
      return {
        name,
        median,
        microsecondsPerObject: {
          wall: each(median.wallSeconds),
          cpu: each(median.cpuSeconds),
          databaseCpu: each(median.databaseCpuSeconds),
        },
      };
    }),
  };
}

const WAYS: Record<string, (stage: Stage) => Promise<Sample>> = {
  "lifeboat media": async (stage) =>
    (await measureCommand(`${LIFEBOAT_COMMAND} media --json`, stage.env, stage.servers)).sample,
  "lifeboat in edge functions": async (stage) => {
    const { sample, processes } = await measureWork(
      async () => settledRun(stage, await callEdgeFunction(stage, "backup-media")),
      (line) => line.includes("function_worker") && line.includes("backup-media"),
      stage.servers,
    );
    return { ...sample, figures: { workers: processes } };
  },
};

const OBJECTS = `insert into storage.objects (bucket_id, name, metadata, version, created_at, updated_at)
  select 'bench', lpad((g / 100)::text, 5, '0') || '/' || lpad((g % 100)::text, 2, '0') || '.bin',
    jsonb_build_object('eTag', '"' || md5(g::text) || '"', 'size', 20000, 'contentLength', 20000,
      'mimetype', 'application/octet-stream', 'cacheControl', 'max-age=3600'), md5('version' || g), now(), now()
  from generate_series(0, $1::int - 1) g`;

const COPIES = `insert into lifeboat.media_objects (bucket_id, name, version, etag, size_bytes, mime_type,
    object_updated_at, s3_key, s3_etag, archive_key, md5, sha256)
  select bucket_id, name, version, trim('"' from metadata ->> 'eTag'), 20000, 'application/octet-stream', updated_at,
    'media-backups/' || bucket_id || '/' || name, md5(name), 'media-archive/' || bucket_id || '/' || name || '/' || version,
    md5(name), encode(sha256(name::bytea), 'hex')
  from storage.objects`;

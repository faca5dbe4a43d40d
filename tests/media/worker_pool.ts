import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import type { BackupHistoryRow } from "../../supabase/functions/_shared/contract/mod.ts";
import {
  type MediaBackupDependencies,
  shareMediaBackup,
} from "../../supabase/functions/_shared/engine/backup/run_media_backup.ts";
import {
  beginMediaRun,
  joinMediaRun,
  type MediaJoin,
  type MediaShare,
} from "../../supabase/functions/_shared/engine/backup/media_run.ts";
import { hasCode } from "../../supabase/functions/_shared/engine/errors.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import type { PointNotifier } from "../../supabase/functions/_shared/engine/notify/point_notifier.ts";
import { resumeMedia } from "../../supabase/functions/_shared/engine/maintenance/resume_media.ts";
import { closeAbandonedRuns } from "../../supabase/functions/_shared/engine/maintenance/close_abandoned_runs.ts";
import { createBudget } from "../../supabase/functions/_shared/engine/run/budget.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { PausableProcess } from "../support/pausable_process.ts";
import type { MediaProject } from "./project.ts";
import { readBytes, readStoredManifest } from "./stored.ts";
import { Tripwire } from "./tripwire.ts";
import { eventually } from "../support/eventually.ts";

/** The proportions of the real timing, sixty times as fast. */
const timing = { leaseMs: 1_000, heartbeatMs: 150, progressMs: 50, answerMs: 2_000, settleMs: 3_000 };

export interface WorkerPoolOptions {
  /** Bytes that one invocation may move before another goes on. */
  readonly stepBytes: number;
  readonly partSizeBytes?: number;
  readonly claimMs?: number;
  /** After how many of its effects invocation `n`, from 1, dies; undefined if it lives. */
  readonly dies?: (invocation: number) => number | undefined;
  /** Until when invocation `n` is stopped before an effect, if at all. */
  readonly pauses?: (invocation: number, step: number, what: string) => Promise<unknown> | undefined;
}

const quiet: PointNotifier = {
  notify: () => Promise.resolve({ status: "off" }),
  notifyOverdue: () => Promise.resolve({ status: "off" }),
  notifyDamaged: () => Promise.resolve({ status: "off" }),
  notifyNotStarted: () => Promise.resolve(),
};

/**
 * The workers of `backup-media` without HTTP. Each call is an invocation with its own sessions and budget. An invocation may
 * be killed; nothing that it would have done after its death happens.
 */
export class WorkerPool {
  readonly invocations: { begins: boolean; lostSteps: number; ended: "left" | "settled" | "killed" | "failed" }[] = [];
  get killed(): number {
    return this.invocations.filter(({ ended }) => ended === "killed").length;
  }

  readonly #wires: Tripwire[] = [];
  get paused(): number {
    return this.#wires.filter(({ paused }) => paused).length;
  }

  /** The largest number of invocations that were at work at once. */
  most = 0;
  #atWork = 0;
  readonly #running = new Set<Promise<void>>();

  constructor(
    private readonly project: MediaProject,
    private readonly store: ObjectStore,
    private readonly options: WorkerPoolOptions,
  ) {}

  /** Calls for a media backup of the point; without one a new point is opened. Throws the error that answers the call. */
  async start(point?: string): Promise<string> {
    const process = new PausableProcess();
    const share = await beginMediaRun({ ...this.#runs(), clock: process.clock }, {
      project: "sample",
      trigger: "api",
      ...point && { recoveryPoint: point },
    });
    this.#work(share, process);
    return share.run.recoveryPoint;
  }

  /** A point with a good dump, so that its media backup is owed. */
  async dumped(): Promise<string> {
    const [{ point }] = await this.project.sql<{ point: string }>(`
      with opened as (select lifeboat.open_point('sample') as point),
      dump as (
        insert into public.backup_history (kind, status, trigger, project, recovery_point, started_at, finished_at)
        select 'database', 'success', 'cron', 'sample', point, now(), now() from opened returning id, recovery_point)
      select point from opened`);
    await this.project.sql(
      `update lifeboat.recovery_points p set database_run = h.id from public.backup_history h
        where h.recovery_point = p.point and h.kind = 'database'`,
    );
    return point;
  }

  /** Waits until no invocation is at work, then runs maintenance, and repeats both until no run is open. */
  async untilSettled(): Promise<BackupHistoryRow[]> {
    return await eventually("the run is settled", async () => {
      while (this.#running.size > 0) await Promise.all(this.#running);
      const found = await this.project.sql<{ row: BackupHistoryRow }>(
        "select to_jsonb(h) as row from public.backup_history h where kind = 'media' order by recovery_point, started_at",
      );
      const rows = found.map(({ row }) => row);
      const owed = await this.project.sql("select from lifeboat.open_points where media_to_start");
      if (owed.length === 0 && rows.every(({ status }) => status !== "running")) return rows;
      // This stands for the ten minutes that pass between two tries.
      await this.project.sql("update lifeboat.recovery_points set media_claimed_until = null, media_attempts = 0");
      await closeAbandonedRuns(this.#runs().database);
      await resumeMedia({ database: this.#runs().database, mediaStarter: this.#starter(), graceMs: 0 });
    }, 120_000);
  }

  #runs() {
    return { database: createPostgresDatabase({ url: this.project.databaseUrl }), clock: systemClock, timing };
  }

  #starter() {
    return {
      startMedia: async ({ recoveryPoint }: { recoveryPoint: string }) => void await this.start(recoveryPoint),
      joinMedia: async (join: MediaJoin) => {
        const process = new PausableProcess();
        const share = await joinMediaRun({ ...this.#runs(), clock: process.clock }, join);
        if (share) this.#work(share, process);
      },
    };
  }

  #work(share: MediaShare, process: PausableProcess): void {
    const number = this.invocations.push({ begins: share.begins, lostSteps: share.lostSteps, ended: "left" });
    const invocation = this.invocations[number - 1];
    this.#atWork++;
    this.most = Math.max(this.most, this.#atWork);
    const wire = new Tripwire(
      this.options.dies?.(number) ?? Infinity,
      process,
      (step, what) => this.options.pauses?.(number, step, what),
    );
    this.#wires.push(wire);
    const work = this.#share(share, wire).then((ended) => void (invocation.ended = ended))
      .finally(() => void this.#atWork--);
    const settled = work.finally(() => this.#running.delete(settled));
    this.#running.add(settled);
  }

  async #share(share: MediaShare, wire: Tripwire): Promise<"left" | "settled" | "killed" | "failed"> {
    const dependencies = { ...wire.over(this.project.dependencies(this.store)), notifier: quiet };
    const starter = this.#starter();
    const host = {
      starter: {
        startMedia: (point: { recoveryPoint: string }) => wire.pass(() => starter.startMedia(point)),
        joinMedia: (join: MediaJoin) => wire.pass(() => starter.joinMedia(join)),
      },
      budget: createBudget({ bytes: this.options.stepBytes, wallMs: 30_000 }, systemClock),
      unit: { files: 4, bytes: this.options.stepBytes },
    };
    wire.kills(share.run);
    try {
      const row = await shareMediaBackup(
        dependencies as MediaBackupDependencies,
        {
          project: "sample",
          projectUrl: "http://127.0.0.1",
          copies: { copies: 10_000, manifestBytes: 1_000_000 },
          partSizeBytes: this.options.partSizeBytes,
          r2Sources: [],
          claimMs: this.options.claimMs ?? 1_000,
          concurrency: 3,
        },
        share,
        host,
      );
      return wire.tripped ? "killed" : row === undefined ? "left" : row.status === "failed" ? "failed" : "settled";
    } catch (error) {
      if (!wire.tripped) throw error;
      return "killed";
    }
  }
}

/** Every file that the manifest names lies in the bucket with the bytes that Storage has, or had where files were replaced. */
export async function assertStored(
  project: MediaProject,
  store: ObjectStore,
  point: string,
  wereReplaced = false,
): Promise<void> {
  const { objects } = await readStoredManifest(store, point);
  const listed = await project.sql<{ name: string }>("select bucket_id || '/' || name as name from storage.objects");
  deepStrictEqual(objects.map(({ bucket, path }) => `${bucket}/${path}`).sort(), listed.map(({ name }) => name).sort());
  for (const object of objects) {
    const bytes = await readBytes(store, object.s3Key);
    strictEqual(createHash("sha256").update(bytes).digest("hex"), object.sha256, object.path);
    if (wereReplaced) continue;
    strictEqual(createHash("md5").update(bytes).digest("hex"), project.storage.etag(`${object.bucket}/${object.path}`));
  }
}

/** What the manifest names is where it tells readers to look, although later points have overwritten some of it. */
export async function assertReachable(store: ObjectStore, point: string): Promise<void> {
  for (const object of (await readStoredManifest(store, point)).objects) {
    const places: [string, string?][] = [[object.s3Key], [object.archiveKey]];
    if (object.s3VersionId) places.push([object.s3Key, object.s3VersionId]);
    const found = await Promise.all(places.map(async ([key, version]) => {
      try {
        const bytes = await readBytes(store, key, version);
        return createHash("sha256").update(bytes).digest("hex") === object.sha256;
      } catch (error) {
        if (!hasCode(error, "object_missing")) throw error;
        return false;
      }
    }));
    ok(found.includes(true), `${object.path} of ${point} is lost`);
  }
}

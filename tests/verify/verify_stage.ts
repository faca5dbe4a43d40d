import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { nodeChecksums } from "../../supabase/functions/_shared/adapters/node/checksum.ts";
import { nodeGunzip } from "../../supabase/functions/_shared/adapters/node/gunzip.ts";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { COMMAND_LINE_VERIFY } from "../../supabase/functions/_shared/compose/verify.ts";
import type { BackupHistoryRow, DumpManifest, VerifyDetails } from "../../supabase/functions/_shared/contract/mod.ts";
import {
  runVerify,
  type RunVerifyDependencies,
  type RunVerifySettings,
} from "../../supabase/functions/_shared/engine/admin/run_verify.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import type { Database } from "../../supabase/functions/_shared/engine/database.ts";
import type { DamageAlert } from "../../supabase/functions/_shared/engine/notify/damage_email.ts";
import { startRun } from "../../supabase/functions/_shared/engine/run/run_store.ts";
import type { ObjectStore, PutOptions } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { seededRandom, type VerifyCoverage } from "../../supabase/functions/_shared/engine/verify/sampling.ts";
import { LiveProject } from "../support/live_project.ts";
import { readObject } from "../support/bucket_contents.ts";

export interface Verified {
  readonly row: BackupHistoryRow;
  readonly details: VerifyDetails;
}

/** Size of the parts of a small dump. Nothing but dumps is stored in parts here. */
const DUMP_PART_BYTES = 5 * 1024 * 1024;

/** One good backup of the sample project. Tests damage it, verify it and repair it. */
export class VerifyStage {
  readonly alerts: DamageAlert[] = [];
  /** The outcome of sending an email. */
  mail: "sent" | "failed" = "sent";

  constructor(
    readonly project: LiveProject,
    readonly database: BackupHistoryRow,
    readonly media: BackupHistoryRow,
  ) {}

  get bucket(): ObjectStore {
    return this.project.bucket;
  }

  get point(): string {
    return this.database.recovery_point;
  }

  async manifest(): Promise<DumpManifest> {
    return JSON.parse(await this.text(this.database.manifest_key!));
  }

  async text(key: string): Promise<string> {
    return new TextDecoder().decode(await readObject(this.bucket, key));
  }

  /** Verifies the point, deeply and without limits unless the test says otherwise. */
  async verify(
    coverage: VerifyCoverage = { coverage: "deep" },
    changes: { store?: ObjectStore; settings?: Partial<RunVerifySettings>; seed?: number; point?: string } = {},
  ): Promise<Verified> {
    const database = this.connectingDatabase();
    const run = await startRun({ database, clock: systemClock }, {
      kind: "verify",
      project: this.database.project,
      trigger: "api",
      recoveryPoint: changes.point ?? this.point,
    });
    const row = await runVerify(
      this.dependencies(database, changes),
      { ...COMMAND_LINE_VERIFY, ...changes.settings },
      coverage,
      run,
    );
    return { row, details: row.details as unknown as VerifyDetails };
  }

  connectingDatabase(): Database {
    return createPostgresDatabase({ url: this.project.details.dbUrl });
  }

  dependencies(
    database: Database,
    changes: { store?: ObjectStore; seed?: number } = {},
  ): RunVerifyDependencies {
    return {
      database,
      store: changes.store ?? this.bucket,
      checksums: nodeChecksums,
      decompressor: nodeGunzip,
      clock: systemClock,
      random: seededRandom(changes.seed ?? 1),
      notifier: {
        notifyDamaged: (alert) => {
          this.alerts.push(alert);
          return Promise.resolve({ status: this.mail, ...(this.mail === "failed" && { error: "refused" }) });
        },
      },
    };
  }

  /** Changes one object while `work` runs, then puts back what was there. Null: it is removed. */
  async tamper(
    key: string,
    change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> | null,
    work: () => Promise<void>,
  ): Promise<void> {
    const info = await this.bucket.head(key);
    const original = await readObject(this.bucket, key);
    const changed = change(new Uint8Array(original));
    const { contentType = "application/octet-stream", metadata, cacheControl } = info;
    const options = { contentType, metadata, ...(cacheControl && { cacheControl }) };
    if (changed) await this.bucket.put(key, changed, options);
    else await this.bucket.remove([key]);
    try {
      await work();
    } finally {
      await this.#putBack(key, original, options, info.etag);
    }
  }

  /** Restores an object as it was written, in parts if need be, so that it gets the same ETag again. */
  async #putBack(key: string, bytes: Uint8Array<ArrayBuffer>, options: PutOptions, etag: string): Promise<void> {
    if (!etag.includes("-")) return void await this.bucket.put(key, bytes, options);
    const upload = await this.bucket.openUpload(key, options);
    const parts = [];
    for (let at = 0; at < bytes.length; at += DUMP_PART_BYTES) {
      parts.push(await upload.putPart(parts.length + 1, bytes.slice(at, at + DUMP_PART_BYTES)));
    }
    const stored = await upload.complete(parts);
    strictEqual(stored.etag, etag);
  }

  async tamperManifest(change: (manifest: DumpManifest) => unknown, work: () => Promise<void>): Promise<void> {
    await this.tamper(this.database.manifest_key!, (bytes) => {
      const manifest = JSON.parse(new TextDecoder().decode(bytes));
      const changed = change(manifest) ?? manifest;
      return new TextEncoder().encode(JSON.stringify(changed));
    }, work);
  }

  /** Status and error code of the point's two rows. */
  async rows(): Promise<Record<string, [string, string | null]>> {
    const rows = await this.project.history();
    return Object.fromEntries(
      rows.filter(({ kind, recovery_point }) => recovery_point === this.point && ["database", "media"].includes(kind))
        .map(({ kind, status, error_code }) => [kind, [status, error_code]]),
    );
  }

  /** Fails unless a deep verify finds the point whole and the history says so again. */
  async assertHealed(): Promise<void> {
    const { row, details } = await this.verify();
    deepStrictEqual([row.status, details.damage, details.warnings], ["success", [], []]);
    deepStrictEqual(await this.rows(), { database: ["success", null], media: ["success", null] });
  }
}

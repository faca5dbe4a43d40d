import type { RestoreRequest } from "./request.ts";

/** What `planRestore` found and `applyRestore` does: plain data, to be printed, stored and compared. */
export interface RestorePlan {
  readonly format: "lifeboat-restore-plan";
  readonly formatVersion: 1;
  /** Identifies the plan: SHA-256 over the backup, the request and the target as it was seen. */
  readonly id: string;
  /** Of the request alone, without its point: the same command finds the restore that it began. */
  readonly requestKey: string;
  readonly request: RestoreRequest;
  readonly project: string;
  readonly recoveryPoint: string;
  /** Null when nothing of the database is restored. */
  readonly database: DatabasePlan | null;
  /** Null when no files are restored. */
  readonly media: MediaPlan | null;
  /** Makes `applyRestore` refuse. */
  readonly conflicts: readonly PlanEntry[];
  /** Worth knowing; does not stop it. */
  readonly warnings: readonly string[];
  /** What will not come back, and why: the backup's own ledger of missing things, and what this target cannot take. */
  readonly notRestored: readonly PlanEntry[];
  /** Set when an earlier run of the same command was interrupted. */
  readonly resume: { readonly startedAt: string; readonly stepsDone: number } | null;
}

export interface PlanEntry {
  readonly kind: string;
  readonly identity: string;
  readonly reason: string;
}

export interface DatabasePlan {
  /** SHA-256 of the manifest that the plan was made from. */
  readonly manifestSha256: string;
  /** When the rows were as they are in the backup, by the source's clock. */
  readonly snapshotAt: string;
  readonly source: { readonly serverVersion: string; readonly serverVersionNumber: number };
  readonly target: {
    readonly database: string;
    readonly role: string;
    readonly serverVersion: string;
    readonly serverVersionNumber: number;
    /** SHA-256 of all that matters here. */
    readonly fingerprint: string;
  };
  /** True on a plain PostgreSQL: roles and schemas of a Supabase project are made first, with stand-ins of its tables. */
  readonly preamble: boolean;
  /** False: triggers are switched off table by table instead. */
  readonly asReplica: boolean;
  /** Statements by kind, those of `activation` (which stay disarmed) not counted. */
  readonly statements: Readonly<Record<string, number>>;
  /** Triggers, event triggers and cron jobs that wait for `armRestore`. */
  readonly disarmed: number;
  readonly sequences: number;
  readonly tables: readonly TablePlan[];
  readonly rows: number;
  /** Bytes that will be fetched from the bucket for rows, once to verify and once to load. */
  readonly bytes: number;
}

export interface TablePlan {
  /** As the dump names it. */
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
  /**
   * `create`: made by a statement of the backup, then loaded. `load`: is there already. `stand-in`: a table of the
   * platform that this target does not have, made as plain columns. `skip`: nothing of it is loaded.
   */
  readonly action: "create" | "load" | "stand-in" | "skip";
  readonly reason: string | null;
  /** What happens to rows that are there: none are, they stay, or they are deleted first. */
  readonly existingRows: "none" | "keep" | "replace";
  readonly columns: readonly string[];
  /** Columns of the backup that the target does not have, whose values are not restored. */
  readonly droppedColumns: readonly string[];
}

export interface MediaPlan {
  /** SHA-256 of the media manifest, as it is stored. */
  readonly manifestSha256: string;
  readonly buckets: readonly {
    readonly bucket: string;
    readonly action: "create" | "exists";
    readonly files: number;
  }[];
  readonly files: number;
  readonly bytes: number;
}

/** Tables of a plan that rows go into. */
export function tablesToLoad(plan: DatabasePlan): TablePlan[] {
  return plan.tables.filter((table) => table.action !== "skip");
}

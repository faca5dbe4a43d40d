import type { RestoreRequest } from "./request.ts";

/** The result of `planRestore` and the input of `applyRestore`: plain data, to be printed, stored and compared. */
export interface RestorePlan {
  readonly format: "lifeboat-restore-plan";
  readonly formatVersion: 1;
  /** Identifies the plan: SHA-256 over the backup, the request and the target as `planRestore` found it. */
  readonly id: string;
  /** Hash of the request without its point, by which the same command finds a restore that it began. */
  readonly requestKey: string;
  readonly request: RestoreRequest;
  readonly project: string;
  readonly recoveryPoint: string;
  /** Null when nothing of the database is restored. */
  readonly database: DatabasePlan | null;
  /** Null when no files are restored. */
  readonly media: MediaPlan | null;
  /** With any conflict `applyRestore` refuses the plan. */
  readonly conflicts: readonly PlanEntry[];
  /** Remarks that do not stop the restore. */
  readonly warnings: readonly string[];
  /** What will not come back, and why: missing things in the backup's ledger, and what this target cannot take. */
  readonly notRestored: readonly PlanEntry[];
  /** Set when an earlier run of the same command was cut off. */
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
  /** The moment whose rows the backup holds, by the source's clock. */
  readonly snapshotAt: string;
  readonly source: { readonly serverVersion: string; readonly serverVersionNumber: number };
  readonly target: {
    readonly database: string;
    readonly role: string;
    readonly serverVersion: string;
    readonly serverVersionNumber: number;
    /** SHA-256 of everything about the target that decides what the restore does. */
    readonly fingerprint: string;
  };
  /** True on a plain PostgreSQL, where roles, schemas and stand-in tables of a Supabase project are made first. */
  readonly preamble: boolean;
  /** True when the session runs as replica; otherwise triggers are switched off table by table. */
  readonly asReplica: boolean;
  /** Number of statements by kind, without those of `activation`, which stay disarmed. */
  readonly statements: Readonly<Record<string, number>>;
  /** Number of triggers, event triggers and cron jobs that wait for `armRestore`. */
  readonly disarmed: number;
  readonly sequences: number;
  readonly tables: readonly TablePlan[];
  readonly rows: number;
  /** Bytes to fetch for rows; each byte is fetched twice, once to verify and once to load. */
  readonly bytes: number;
}

export interface TablePlan {
  /** Name of the table as in the dump. */
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
  /**
   * `create`: the backup's statement makes the table, then it is loaded. `load`: the table exists. `stand-in`: a table
   * of the platform that this target lacks, made with plain columns. `skip`: no rows of it are loaded.
   */
  readonly action: "create" | "load" | "stand-in" | "skip";
  readonly reason: string | null;
  /** What happens to existing rows: there are `none`, they are kept, or they are deleted first. */
  readonly existingRows: "none" | "keep" | "replace";
  readonly columns: readonly string[];
  /** Columns of the backup that the target lacks; their values are not restored. */
  readonly droppedColumns: readonly string[];
}

export interface MediaPlan {
  /** SHA-256 of the media manifest as stored. */
  readonly manifestSha256: string;
  readonly buckets: readonly {
    readonly bucket: string;
    readonly action: "create" | "exists";
    readonly files: number;
  }[];
  readonly files: number;
  readonly bytes: number;
}

/** The tables of a plan whose rows are loaded. */
export function tablesToLoad(plan: DatabasePlan): TablePlan[] {
  return plan.tables.filter((table) => table.action !== "skip");
}

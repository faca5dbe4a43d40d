import type { BackupHistoryRow, RunStatus } from "../supabase/functions/_shared/contract/mod.ts";
import type { LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";

/** The outcomes that a script can tell apart without reading text. */
export const exitCodes = {
  done: 0,
  failed: 1,
  /** Flags or settings were wrong and nothing was done. */
  usage: 2,
  /** Done, except for what the run's ledger names as missing. */
  partial: 3,
  /** Another run holds the lease. */
  busy: 4,
  /** Stored bytes differ from those that were backed up. */
  damaged: 5,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const ofError: Readonly<Record<string, ExitCode>> = {
  usage_invalid: exitCodes.usage,
  configuration_invalid: exitCodes.usage,
  point_invalid: exitCodes.usage,
  project_name_invalid: exitCodes.usage,
  point_ambiguous: exitCodes.usage,
  restore_scope_unknown: exitCodes.usage,
  storage_not_given: exitCodes.usage,
  already_running: exitCodes.busy,
  media_queued: exitCodes.busy,
  restore_running: exitCodes.busy,
  backup_damaged: exitCodes.damaged,
  manifest_damaged: exitCodes.damaged,
  marker_unreadable: exitCodes.damaged,
};

export function exitCodeOfError(error: LifeboatError): ExitCode {
  return ofError[error.code] ?? exitCodes.failed;
}

const ofStatus: Readonly<Record<RunStatus, ExitCode>> = {
  success: exitCodes.done,
  partial: exitCodes.partial,
  damaged: exitCodes.damaged,
  failed: exitCodes.failed,
  cancelled: exitCodes.failed,
  running: exitCodes.failed,
};

/** The exit code for a run's history row. A row that still says `running` was never settled, which is a failure. */
export function exitCodeOfRun({ status, error_code }: BackupHistoryRow): ExitCode {
  return error_code === "backup_damaged" ? exitCodes.damaged : ofStatus[status];
}

/** The worst of several exit codes. */
export function worstOf(codes: readonly ExitCode[]): ExitCode {
  const byGravity = [exitCodes.damaged, exitCodes.failed, exitCodes.usage, exitCodes.busy, exitCodes.partial] as const;
  return byGravity.find((code) => codes.includes(code)) ?? exitCodes.done;
}

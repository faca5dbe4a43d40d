import type { BackupHistoryRow, RunStatus } from "../supabase/functions/_shared/contract/mod.ts";
import type { LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";

/** The outcomes that a script can tell apart without reading text. */
export const EXIT_CODES = {
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

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

const CODE_OF_ERROR: Readonly<Record<string, ExitCode>> = {
  usage_invalid: EXIT_CODES.usage,
  configuration_invalid: EXIT_CODES.usage,
  point_invalid: EXIT_CODES.usage,
  project_name_invalid: EXIT_CODES.usage,
  point_ambiguous: EXIT_CODES.usage,
  restore_scope_unknown: EXIT_CODES.usage,
  storage_not_given: EXIT_CODES.usage,
  already_running: EXIT_CODES.busy,
  media_queued: EXIT_CODES.busy,
  restore_running: EXIT_CODES.busy,
  backup_damaged: EXIT_CODES.damaged,
  manifest_damaged: EXIT_CODES.damaged,
  marker_unreadable: EXIT_CODES.damaged,
};

export function exitCodeOfError(error: LifeboatError): ExitCode {
  return CODE_OF_ERROR[error.code] ?? EXIT_CODES.failed;
}

const CODE_OF_STATUS: Readonly<Record<RunStatus, ExitCode>> = {
  success: EXIT_CODES.done,
  partial: EXIT_CODES.partial,
  damaged: EXIT_CODES.damaged,
  failed: EXIT_CODES.failed,
  cancelled: EXIT_CODES.failed,
  running: EXIT_CODES.failed,
};

/** The exit code for a run's history row. A row that still says `running` was never settled, which is a failure. */
export function exitCodeOfRun({ status, error_code }: BackupHistoryRow): ExitCode {
  return error_code === "backup_damaged" ? EXIT_CODES.damaged : CODE_OF_STATUS[status];
}

/** The worst of several exit codes. */
export function worstOf(codes: readonly ExitCode[]): ExitCode {
  const byGravity = [
    EXIT_CODES.damaged,
    EXIT_CODES.failed,
    EXIT_CODES.usage,
    EXIT_CODES.busy,
    EXIT_CODES.partial,
  ] as const;
  return byGravity.find((code) => codes.includes(code)) ?? EXIT_CODES.done;
}

import { type RunAccepted, runAccepted } from "../../../supabase/functions/_shared/contract/mod.ts";
import { callFunction } from "../../lib/call-function.ts";

export interface BackupToStart {
  readonly kind: "database" | "media";
  readonly label?: string;
  readonly pinned?: boolean;
}

const FUNCTION_OF = { database: "database-backup", media: "backup-media" } as const;

/** Starts a backup and returns at once. Throws `PageError`; `already_running` holds the id of the active run. */
export function startBackup({ kind, ...options }: BackupToStart): Promise<RunAccepted> {
  return callFunction(FUNCTION_OF[kind], options, runAccepted);
}

import type { Session } from "../database.ts";
import { storableJson } from "../run/safe_text.ts";

/** The admin who acted, as `auth.users.id`; null for the service itself. */
export type Actor = string | null;

/** An action as it is recorded in `public.backup_audit_log`. */
export interface AuditedAction {
  readonly actor: Actor;
  /** `run.cancel`, `download` or `run.update`; the database itself records `run.start`. */
  readonly action: string;
  /** The run or key on which the action was taken. */
  readonly target: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * Records an action. Callers do so before the effect, so that nothing happens unrecorded. Throws the database's errors.
 */
export async function writeAudit(session: Session, entry: AuditedAction, signal?: AbortSignal): Promise<void> {
  await session.query(
    "select lifeboat.write_audit($1, $2, $3, $4)",
    [entry.actor, entry.action, entry.target, storableJson(entry.details)],
    signal,
  );
}

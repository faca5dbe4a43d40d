import type { Session } from "../database.ts";
import { storableJson } from "../run/safe_text.ts";

/** Who did something: an admin, or null for the service itself. */
export type Actor = string | null;

export interface AuditEntry {
  readonly actor: Actor;
  /** `run.cancel`, `download`, `run.update`; the start of a run is noted by the database (`run.start`). */
  readonly action: string;
  /** The run or key that it was done to. */
  readonly target: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Notes who did what. Written before the effect is handed out, so that nothing happens unseen. Throws as the database does. */
export async function writeAudit(session: Session, entry: AuditEntry, signal?: AbortSignal): Promise<void> {
  await session.query(
    "insert into public.backup_audit_log (actor, action, target, details) values ($1, $2, $3, $4)",
    [entry.actor, entry.action, entry.target, storableJson(entry.details)],
    signal,
  );
}

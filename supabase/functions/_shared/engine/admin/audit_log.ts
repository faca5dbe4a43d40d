import type { Session } from "../database.ts";
import { storableJson } from "../run/safe_text.ts";

/** The admin who did something; null for the service itself. */
export type Actor = string | null;

export interface AuditEntry {
  readonly actor: Actor;
  /** `run.cancel`, `download` or `run.update`; the database itself records `run.start`. */
  readonly action: string;
  /** The run or key that it was done to. */
  readonly target: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Records an action before its effect, so that nothing happens unrecorded. Throws what the database throws. */
export async function writeAudit(session: Session, entry: AuditEntry, signal?: AbortSignal): Promise<void> {
  await session.query(
    "select lifeboat.write_audit($1, $2, $3, $4)",
    [entry.actor, entry.action, entry.target, storableJson(entry.details)],
    signal,
  );
}

import { LifeboatError } from "../errors.ts";

/** The bytes in the bucket are not those that were backed up. Nothing was written to the target because of them. */
export function backupDamaged(subject: string, what: string, cause?: unknown): LifeboatError {
  return new LifeboatError({
    code: "backup_damaged",
    kind: "permanent",
    message: `This backup is damaged: ${what}.`,
    hint: "Restore another recovery point, or an older version of this object where the bucket keeps versions.",
    operation: "restore.read",
    subject,
    cause,
  });
}

/** A plan may only be applied to exactly the backup that it was made from. */
export function backupChanged(key: string): LifeboatError {
  return new LifeboatError({
    code: "backup_changed",
    kind: "conflict",
    message: `${key} is no longer the manifest that the plan was made from.`,
    hint: "Nobody but an attacker or a copying tool changes manifests. Find out who did, then plan again.",
    operation: "restore.apply",
    subject: key,
  });
}

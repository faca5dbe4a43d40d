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

import { LifeboatError } from "../errors.ts";

/** What an earlier invocation counted members or files in is not there any more: its position means nothing. */
export function pointChanged(key: string): LifeboatError {
  return new LifeboatError({
    code: "point_changed",
    kind: "transient",
    message: `${key} was replaced while its recovery point was verified.`,
    hint: "Find out who writes there: Lifeboat never replaces it. Then verify again.",
    operation: "verify",
    subject: key,
  });
}

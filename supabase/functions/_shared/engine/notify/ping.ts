/**
 * A monitor outside of the project, which raises the alarm when it hears nothing. Nothing here rejects: a monitor that
 * cannot be reached never fails a backup. What comes back is a warning for the history, or nothing when all went well;
 * it never holds the monitor's address, which is a secret.
 */
export interface Ping {
  start(signal?: AbortSignal): Promise<string | undefined>;
  success(signal?: AbortSignal): Promise<string | undefined>;
  failure(reason: string, signal?: AbortSignal): Promise<string | undefined>;
}

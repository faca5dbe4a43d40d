/**
 * A monitor outside of the project, which raises the alarm when it hears nothing. No method rejects, since an
 * unreachable monitor must not fail a backup. The result is a warning for the history, or nothing after a success; it
 * never holds the monitor's address, which is a secret.
 */
export interface Ping {
  start(signal?: AbortSignal): Promise<string | undefined>;
  success(signal?: AbortSignal): Promise<string | undefined>;
  failure(reason: string, signal?: AbortSignal): Promise<string | undefined>;
}

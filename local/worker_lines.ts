// What a worker and its host say to each other, on lines of standard input and output.

/** The worker: how many promises given to `EdgeRuntime.waitUntil` have not settled. */
export const PENDING = "@@pending ";

/** The host: dispatch `beforeunload` with this reason. */
export const UNLOAD = "unload ";

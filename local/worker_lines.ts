// What a worker and its host say to each other, on lines of standard input and output.

/** The worker: number of an invocation, and how many promises that it gave to `EdgeRuntime.waitUntil` have not settled. */
export const PENDING = "@@pending ";

/** A request's header: the number of its invocation. */
export const INVOCATION = "x-lifeboat-invocation";

/** The host: dispatch `beforeunload` with this reason. */
export const UNLOAD = "unload ";

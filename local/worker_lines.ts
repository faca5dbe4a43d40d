// Messages between a worker and its host, on lines of standard input and output.

/** Worker to host: number of an invocation, and how many of its promises given to `waitUntil` have not settled. */
export const PENDING = "@@pending ";

/** Header of a request: the number of its invocation. */
export const INVOCATION = "x-lifeboat-invocation";

/** Host to worker: dispatch `beforeunload` with this reason. */
export const UNLOAD = "unload ";

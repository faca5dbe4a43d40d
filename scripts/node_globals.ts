// What packages for Node expect as globals, and what Deno gives them only while they are packages of their own. Put into
// built functions by scripts/function_bundles.ts.
export { Buffer } from "node:buffer";
export { default as process } from "node:process";
export { clearImmediate, setImmediate } from "node:timers";
export const global = globalThis;

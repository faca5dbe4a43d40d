// Packages that were written for Node use these names as globals. Deno defines them for code inside a package; a built
// function has the package's code in its own file, so scripts/function_bundles.ts adds them there.
export { Buffer } from "node:buffer";
export { default as process } from "node:process";
export { clearImmediate, setImmediate } from "node:timers";
export const global = globalThis;

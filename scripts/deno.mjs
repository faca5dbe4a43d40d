#!/usr/bin/env node
// Starts the Deno that npm installed, so that none is needed on the PATH. `--edge` starts the release that hosted edge
// functions are compatible with (2.1.4). The package's own launcher does not pass signals on, which would leave servers
// running after Ctrl-C.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

/** Path of the Deno binary, current or `edge`. Installs it where npm was told not to run install scripts. */
export function denoPath(edge = false) {
  const folder = new URL(`../node_modules/${edge ? "deno-2.1.4" : "deno"}/`, import.meta.url);
  const binary = fileURLToPath(new URL(process.platform === "win32" ? "deno.exe" : "deno", folder));
  if (existsSync(binary)) return binary;
  return createRequire(import.meta.url)(fileURLToPath(new URL("install_api.cjs", folder))).runInstall();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2);
  const edge = args[0] === "--edge";
  if (edge) args.shift();
  const child = spawn(denoPath(edge), args, { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    process.exit(signal ? 128 + (constants.signals[signal] ?? 0) : code ?? 1);
  });
}

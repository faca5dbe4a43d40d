import { fileURLToPath } from "node:url";
import { startChild } from "./child_process.ts";
import type { StackDetails } from "./stack_details.ts";
import { LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";

export interface AdminPageOptions {
  readonly port: number;
  readonly details: StackDetails;
  readonly onLine?: (line: string) => void;
}

export interface AdminPage {
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

/** Serves the admin page with Vite and waits for it; null without an `index.html`. Throws `part_failed`. */
export async function startAdminPage(options: AdminPageOptions): Promise<AdminPage | null> {
  const root = fileURLToPath(new URL("..", import.meta.url));
  try {
    await Deno.stat(`${root}/index.html`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  const child = startChild({
    name: "admin page",
    command: "node",
    args: ["node_modules/vite/bin/vite.js", "--host", "127.0.0.1", "--port", String(options.port), "--strictPort"],
    cwd: root,
    env: {
      NO_COLOR: "1",
      VITE_SUPABASE_URL: options.details.apiUrl,
      VITE_SUPABASE_PUBLISHABLE_KEY: options.details.publishableKey,
    },
    onLine: options.onLine,
  });
  let ended = false;
  child.exited.then(() => ended = true);
  for (let waited = 0; waited < 30_000 && !ended; waited += 100) {
    const response = await fetch(`http://127.0.0.1:${options.port}/`).catch(() => null);
    await response?.body?.cancel();
    if (response?.ok) return child;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await child.stop();
  throw new LifeboatError({
    code: "part_failed",
    kind: "permanent",
    message: `The admin page did not start. It said:\n${child.tail().join("\n")}`,
    hint: "Read what it said. `npm ci` repairs a broken installation.",
    operation: "local.start",
    subject: "admin page",
  });
}

import { fileURLToPath } from "node:url";
import { denoPath } from "../scripts/deno.mjs";
import { JWT_SECRET, PUBLISHABLE_KEY, SECRET_KEY } from "./keys.ts";
import { type ReadyChild, startReadyChild } from "./ready_child.ts";

export interface SupabaseApiOptions {
  /** Connection string of the superuser: lite makes the schemas `auth` and `storage` and assumes the caller's role. */
  readonly databaseUrl: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly objectsDir: string;
  /** The address at which clients reach the API. */
  readonly apiUrl: string;
  readonly onLine?: (line: string) => void;
}

/** Starts Supabase's Auth, REST and Storage APIs and waits until they answer. Throws `part_failed`. */
export function startSupabaseApi(options: SupabaseApiOptions): Promise<ReadyChild> {
  return startReadyChild({
    name: "supabase api",
    command: denoPath(),
    args: ["run", "-A", "--quiet", fileURLToPath(new URL("supabase_api_server.ts", import.meta.url))],
    env: {
      EXPERIMENTAL_STORAGE: "1",
      LITE_TELEMETRY: "0",
      NO_COLOR: "1",
      LOCAL_SETTINGS: JSON.stringify({
        databaseUrl: options.databaseUrl,
        port: options.port,
        objectsDir: options.objectsDir,
        apiUrl: options.apiUrl,
        publishableKey: PUBLISHABLE_KEY,
        secretKey: SECRET_KEY,
        jwtSecret: JWT_SECRET,
      }),
    },
    onLine: options.onLine,
  });
}

// Runs Supabase's Auth, REST and Storage APIs from @supabase/lite in their own process, over the stack's PostgreSQL,
// and corrects what differs from hosted Supabase (README.md lists it). Needs the current Deno.
import { App } from "@supabase/lite";
import { createPostgresConnection } from "@supabase/lite/postgres";
import pg from "pg";
import { withRange } from "./byte_range.ts";
import { ObjectFiles } from "./object_files.ts";
import { READY } from "./ready_line.ts";

interface Settings {
  readonly databaseUrl: string;
  readonly port: number;
  readonly objectsDir: string;
  readonly apiUrl: string;
  readonly publishableKey: string;
  readonly secretKey: string;
  readonly jwtSecret: string;
}

const settings: Settings = JSON.parse(Deno.env.get("LOCAL_SETTINGS")!);

const connection = createPostgresConnection({
  url: settings.databaseUrl,
  postgresOptions: { onnotice: () => {} },
});
// Before its first request lite would grant everything in schema public to anon, also by default privileges. This skips
// that step; platform_database.sql has made the grants that hosted projects have.
Object.assign(connection, { rlsState: "active" });

const app = new App({
  connection,
  api: { schemas: ["public"] },
  auth: {
    enabled: true,
    site_url: settings.apiUrl,
    jwt_secret: settings.jwtSecret,
    enable_signup: true,
    publishable_key: settings.publishableKey,
    secret_key: settings.secretKey,
    email: { enable_confirmations: false },
  },
  storage: { enabled: true, file_size_limit: "5GiB" },
  options: { server: { admin: false } },
  // deno-lint-ignore no-explicit-any -- lite does not export the type of its configuration
} as any);
// deno-lint-ignore no-explicit-any -- nor that of its storage adapters
app._storageAdapter = new ObjectFiles(settings.objectsDir) as any;
await app.init();
await app.ensureSystemSchema();

const database = new pg.Pool({ connectionString: settings.databaseUrl, max: 2 });
// A test may stop PostgreSQL and start it again; the next query connects anew.
database.on("error", () => {});

/** Reloads the schema when notified, as a hosted API does after migrations; lite itself reads it only once. */
async function reloadSchemaWhenTold(): Promise<void> {
  const again = () => setTimeout(() => void reloadSchemaWhenTold(), 500);
  const listener = new pg.Client({ connectionString: settings.databaseUrl });
  listener.on("error", (error) => console.error(`The wait for changes of the schema ended: ${error.message}`));
  listener.on("end", again);
  listener.on("notification", () => void connection.clearSchemaCache());
  try {
    await listener.connect();
    await listener.query("listen pgrst");
    // Changes may have been missed while nothing listened.
    await connection.clearSchemaCache();
  } catch (error) {
    console.error("Cannot wait for changes of the schema:", error);
    await listener.end();
  }
}
await reloadSchemaWhenTold();

/** Lite decodes paths with decodeURI, which leaves `%2B` and the like; hosted Supabase decodes everything. */
function withPlainPath(request: Request): Request {
  const url = new URL(request.url);
  const path = url.pathname.replace(/%(24|26|2B|2C|3A|3B|3D|40)/gi, (code) => decodeURIComponent(code));
  const { method, headers, body } = request;
  return path === url.pathname ? request : new Request(new URL(path + url.search, url), { method, headers, body });
}

/** Stores the user metadata of uploads with a raw body, which lite drops. */
async function keepUserMetadata(request: Request, response: Response): Promise<void> {
  const encoded = request.headers.get("x-metadata");
  const match = /^\/storage\/v1\/object\/([^/]+)\/(.+)$/.exec(new URL(request.url).pathname);
  if (encoded === null || match === null || !response.ok || !["POST", "PUT"].includes(request.method)) return;
  const text = new TextDecoder().decode(Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0)));
  await database.query("update storage.objects set user_metadata = $3 where bucket_id = $1 and name = $2", [
    decodeURIComponent(match[1]),
    decodeURIComponent(match[2]),
    text,
  ]);
}

/**
 * Answers browsers like the hosted API. Lite refuses preflights to /rest/v1, allows headers elsewhere by `*`, which
 * does not include Authorization, and hides the number of rows from pages.
 */
function withCors(request: Request, response: Response): Response {
  const headers = new Headers(response.headers);
  headers.set("access-control-allow-origin", "*");
  headers.set("access-control-expose-headers", "content-range, content-location");
  headers.set("access-control-allow-headers", request.headers.get("access-control-request-headers") ?? "");
  headers.set("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
  return new Response(response.body, { status: response.status, headers });
}

const server = Deno.serve({
  hostname: "127.0.0.1",
  port: settings.port,
  onListen: ({ port }) => console.log(`${READY}${port}`),
}, async (incoming) => {
  const request = withPlainPath(incoming);
  if (request.method === "OPTIONS") return withCors(request, new Response(null, { status: 204 }));
  const response = await withRange(request, (request) => app.server.fetch(request));
  await keepUserMetadata(request, response);
  return withCors(request, response);
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => Deno.exit(0));
}
await server.finished;

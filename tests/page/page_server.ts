import { contentType } from "./content_type.ts";
import { plainHeaders } from "../../local/plain_headers.ts";

export interface PageServer {
  /** Without a slash at the end. */
  readonly origin: string;
  stop(): Promise<void>;
}

export interface PageServerOptions {
  /** What `vite build` made. */
  readonly folder: string;
  /** The project behind the page: its API is served beside it, as behind a reverse proxy. */
  readonly apiUrl: string;
  readonly publishableKey: string;
  /** May answer a request for the API in the project's place; null leaves it to the project. */
  readonly intercept?: (path: string) => Response | null;
}

const IS_API = /^\/(auth|rest|storage|functions)\/v1\//;

/** Serves the built page as a host of single-page apps does: files, index.html for all else, and config.json. */
export function servePage(options: PageServerOptions): PageServer {
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
  }, (request) => {
    const url = new URL(request.url);
    if (IS_API.test(url.pathname)) {
      return options.intercept?.(url.pathname) ??
        forward(request, options.apiUrl);
    }
    if (url.pathname === "/config.json") {
      return Response.json({
        supabaseUrl: url.origin,
        supabasePublishableKey: options.publishableKey,
      });
    }
    return file(options.folder, url.pathname);
  });
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    stop: () => server.shutdown(),
  };
}

async function forward(request: Request, apiUrl: string): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  return await fetch(apiUrl + pathname + search, {
    method: request.method,
    headers: plainHeaders(request.headers),
    body: request.body,
    redirect: "manual",
  });
}

async function file(folder: string, path: string): Promise<Response> {
  for (const name of [path, "/index.html"]) {
    try {
      const body = await Deno.readFile(folder + name);
      return new Response(body, {
        headers: { "content-type": contentType(name) },
      });
    } catch (error) {
      const absent = error instanceof Deno.errors.NotFound ||
        error instanceof Deno.errors.IsADirectory;
      if (!absent) throw error;
    }
  }
  return new Response("Not found", { status: 404 });
}

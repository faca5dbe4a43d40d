import type { FunctionHost } from "./function_host.ts";
import { plainHeaders } from "./plain_headers.ts";

/** `apiOrigin` and `functions` are read at each request, since their parts need the gateway's address to start. */
export interface GatewayOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** Address of Supabase's API; null until it has started. */
  readonly apiOrigin: string | null;
  readonly functions: FunctionHost | null;
}

export interface Gateway {
  readonly port: number;
  stop(): Promise<void>;
}

const FUNCTIONS = "/functions/v1/";

/** Serves the project's address: `/functions/v1/*` by the edge functions, everything else by Supabase's API. */
export function startGateway(options: GatewayOptions): Gateway {
  const server = Deno.serve({ hostname: "127.0.0.1", port: options.port, onListen: () => {} }, (request) => {
    const url = new URL(request.url);
    const { apiOrigin, functions } = options;
    if (apiOrigin === null || functions === null) {
      return Response.json({ code: "STARTING", message: "The local stack is starting." }, { status: 503 });
    }
    if (url.pathname.startsWith(FUNCTIONS)) {
      return functions.handle(request, url.pathname.slice(FUNCTIONS.length - 1) + url.search);
    }
    return forward(request, apiOrigin + url.pathname + url.search);
  });
  return { port: server.addr.port, stop: () => server.shutdown() };
}

async function forward(request: Request, target: string): Promise<Response> {
  try {
    return await fetch(target, {
      method: request.method,
      headers: plainHeaders(request.headers),
      body: request.body,
      redirect: "manual",
    });
  } catch {
    return Response.json({ code: "UPSTREAM_UNREACHABLE", message: "Supabase's API does not answer." }, { status: 502 });
  }
}

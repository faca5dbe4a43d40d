import type { FunctionHost } from "./function_host.ts";
import { plainHeaders } from "./plain_headers.ts";

export interface GatewayOptions {
  readonly port: number;
  /** Address of Supabase's API. */
  readonly apiOrigin: string;
  readonly functions: FunctionHost;
}

export interface Gateway {
  stop(): Promise<void>;
}

const FUNCTIONS = "/functions/v1/";

/** The project's address: `/functions/v1/*` goes to the edge functions, everything else to Supabase's API. */
export function startGateway(options: GatewayOptions): Gateway {
  const server = Deno.serve({ hostname: "127.0.0.1", port: options.port, onListen: () => {} }, (request) => {
    const url = new URL(request.url);
    if (url.pathname.startsWith(FUNCTIONS)) {
      return options.functions.handle(request, url.pathname.slice(FUNCTIONS.length - 1) + url.search);
    }
    return forward(request, options.apiOrigin + url.pathname + url.search);
  });
  return { stop: () => server.shutdown() };
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

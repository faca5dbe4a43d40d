import { indexPage, type Message, type ReceivedPing } from "./mailbox_page.ts";

export interface Mailbox {
  readonly url: string;
  readonly port: number;
  /** Newest last. */
  readonly messages: readonly Message[];
  readonly pings: readonly ReceivedPing[];
  /** Refuses the next `times` emails as Resend would. Over HTTP: `POST /fail {"status":500,"times":2}`. */
  failNext(status: number, times: number): void;
  stop(): Promise<void>;
}

const RESEND_ERRORS: Readonly<Record<number, string>> = {
  401: "missing_api_key",
  403: "invalid_api_key",
  422: "validation_error",
  429: "rate_limit_exceeded",
};

/**
 * A stand-in for api.resend.com (`POST /emails`, with Idempotency-Key) and healthchecks.io (`/ping`, `/ping/start`,
 * `/ping/fail`). `/messages` and `/pings` list what arrived as JSON, `/` for people. All is in memory.
 */
export function startMailbox(options: { port: number }): Mailbox {
  const messages: Message[] = [];
  const pings: ReceivedPing[] = [];
  const answered = new Map<string, { id: string; payload: string }>();
  let failure = { status: 500, times: 0 };

  const failNext = (status: number, times: number) => {
    failure = { status, times };
  };

  const receiveEmail = async (request: Request): Promise<Response> => {
    if (!/^Bearer .+/.test(request.headers.get("authorization") ?? "")) {
      return resendError(401, "Missing API key in the authorization header");
    }
    if (failure.times > 0) {
      failure.times--;
      return resendError(failure.status, "The mailbox was told to fail");
    }
    const payload = await request.text();
    let email: Partial<Omit<Message, "to">> & { to?: string | string[] };
    try {
      email = JSON.parse(payload);
    } catch {
      return resendError(422, "The body is not JSON");
    }
    const missing = (["from", "to", "subject"] as const).filter((field) => !email[field]?.length);
    if (missing.length > 0) return resendError(422, `Missing ${missing.join(", ")} field`);

    const idempotencyKey = request.headers.get("idempotency-key");
    const earlier = idempotencyKey === null ? undefined : answered.get(idempotencyKey);
    if (earlier !== undefined) {
      return earlier.payload === payload ? Response.json({ id: earlier.id }) : Response.json({
        statusCode: 409,
        name: "invalid_idempotent_request",
        message: "The idempotency key was used with another payload",
      }, { status: 409 });
    }
    const id = crypto.randomUUID();
    if (idempotencyKey !== null) answered.set(idempotencyKey, { id, payload });
    messages.push({
      id,
      receivedAt: new Date().toISOString(),
      idempotencyKey,
      from: email.from!,
      to: [email.to!].flat(),
      subject: email.subject!,
      html: email.html ?? null,
      text: email.text ?? null,
    });
    return Response.json({ id });
  };

  const handle = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname === "/ping" || pathname.startsWith("/ping/")) {
      pings.push({
        receivedAt: new Date().toISOString(),
        method: request.method,
        path: pathname,
        body: await request.text(),
      });
      return new Response("OK");
    }
    switch (`${request.method} ${pathname}`) {
      case "POST /emails":
        return receiveEmail(request);
      case "POST /fail": {
        const { status, times } = await request.json();
        failNext(status, times);
        return new Response(null, { status: 204 });
      }
      case "GET /messages":
        return Response.json(messages);
      case "GET /pings":
        return Response.json(pings);
      case "GET /":
        return new Response(indexPage(messages, pings), { headers: { "content-type": "text/html; charset=utf-8" } });
      default:
        return resendError(404, "Not found");
    }
  };

  const server = Deno.serve({ hostname: "127.0.0.1", port: options.port, onListen: () => {} }, handle);
  const { port } = server.addr;
  return { url: `http://127.0.0.1:${port}`, port, messages, pings, failNext, stop: () => server.shutdown() };
}

function resendError(statusCode: number, message: string): Response {
  const name = RESEND_ERRORS[statusCode] ?? (statusCode === 404 ? "not_found" : "application_error");
  return Response.json({ statusCode, name, message }, { status: statusCode });
}

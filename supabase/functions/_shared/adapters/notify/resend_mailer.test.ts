import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import type { Clock } from "../../engine/clock.ts";
import type { Email, MailResult } from "../../engine/notify/mailer.ts";
import { createResendMailer } from "./resend_mailer.ts";

const API_KEY = "re_sample_0123456789";
const email: Email = {
  subject: "Backup complete: sample",
  text: "All is well. ✓",
  html: "<p>All is well. ✓</p>",
  idempotencyKey: "lifeboat/sample/2026-11-21T02-17-00Z/success",
};

type Answer = (attempt: number, request: Request) => Response | Promise<Response>;

interface Sending {
  readonly result: MailResult;
  readonly bodies: Record<string, unknown>[];
  readonly headers: Headers[];
  readonly waits: number[];
}

/** Sends one email to a server that answers with `answer`, on a clock that only records how long it should wait. */
async function sendTo(answer: Answer, signal?: AbortSignal): Promise<Sending> {
  const bodies: Record<string, unknown>[] = [];
  const headers: Headers[] = [];
  const waits: number[] = [];
  const clock: Clock = { now: () => new Date(0), sleep: (ms) => Promise.resolve(void waits.push(ms)) };
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    headers.push(request.headers);
    bodies.push(await request.json());
    return await answer(bodies.length, request);
  });
  const mailer = createResendMailer({
    apiKey: API_KEY,
    from: "Lifeboat <backup@example.com>",
    to: ["ops@example.com", "owner@example.com"],
    clock,
    baseUrl: `http://127.0.0.1:${server.addr.port}`,
    timeoutMs: 200,
  });
  try {
    return { result: await mailer.send(email, signal), bodies, headers, waits };
  } finally {
    await server.shutdown();
  }
}

const accepted = () => Response.json({ id: "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794" });
const refused = (statusCode: number, name: string, message = "Sample of a refusal.", init?: ResponseInit) => () =>
  Response.json({ statusCode, name, message }, { status: statusCode, ...init });

Deno.test("an email is sent with its idempotency key, and Resend's id comes back", async () => {
  const { result, bodies, headers } = await sendTo(accepted);
  deepStrictEqual(result, { status: "sent", id: "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794" });
  const { idempotencyKey, ...content } = email;
  deepStrictEqual(bodies, [{
    from: "Lifeboat <backup@example.com>",
    to: ["ops@example.com", "owner@example.com"],
    ...content,
  }]);
  strictEqual(headers[0].get("idempotency-key"), idempotencyKey);
  strictEqual(headers[0].get("authorization"), `Bearer ${API_KEY}`);
});

for (
  const [what, failure] of [
    ["a rate limit", refused(429, "rate_limit_exceeded")],
    ["a server error", refused(500, "internal_server_error")],
    ["a gateway's page", () => new Response("<html>Bad gateway</html>", { status: 502 })],
    ["an error of unknown shape", () => Response.json(null, { status: 503 })],
    ["the same email being taken just now", refused(409, "concurrent_idempotent_requests")],
    ["an answer without an id", () => Response.json({})],
    ["an answer that is cut off", () => new Response('{"id":"4')],
  ] as [string, Answer][]
) {
  Deno.test(`${what} is tried again with the same key, three times at most`, async () => {
    const { result, headers, waits } = await sendTo((attempt, request) =>
      attempt < 3 ? failure(attempt, request) : accepted()
    );
    strictEqual(result.status, "sent");
    deepStrictEqual(waits, [1_000, 2_000]);
    deepStrictEqual(headers.map((header) => header.get("idempotency-key")), Array(3).fill(email.idempotencyKey));
    const never = await sendTo(failure);
    strictEqual(never.result.status, "failed");
    strictEqual(never.bodies.length, 3);
  });
}

for (
  const [statusCode, name] of [
    [401, "missing_api_key"],
    [403, "invalid_api_key"],
    [422, "invalid_from_address"],
    [429, "daily_quota_exceeded"],
    [409, "invalid_idempotent_request"],
  ] as const
) {
  Deno.test(`${name} is not tried again`, async () => {
    const { result, bodies } = await sendTo(refused(statusCode, name));
    strictEqual(bodies.length, 1);
    ok(result.status === "failed");
    match(result.error, /^Resend /);
  });
}

Deno.test("a wait that Resend asks for is kept, within reason", async () => {
  const limit = (seconds: string) =>
    refused(429, "rate_limit_exceeded", "Slow down.", { headers: { "retry-after": seconds } });
  deepStrictEqual((await sendTo(limit("3"))).waits, [3_000, 3_000]);
  deepStrictEqual((await sendTo(limit("86400"))).waits, [10_000, 10_000]);
  deepStrictEqual((await sendTo(limit("Wed, 21 Oct 2026 07:28:00 GMT"))).waits, [1_000, 2_000]);
});

Deno.test("a server that is silent is given up, and that is an answer too", async () => {
  const { result, bodies } = await sendTo((_attempt, { signal }) =>
    // The sender has gone away by the time of the answer.
    new Promise((resolve) => signal.addEventListener("abort", () => resolve(new Response())))
  );
  strictEqual(result.status, "failed");
  strictEqual(bodies.length, 3);
});

Deno.test("an abort ends the attempts", async () => {
  const controller = new AbortController();
  const { result, bodies } = await sendTo(() => {
    controller.abort();
    return new Response("", { status: 500 });
  }, controller.signal);
  strictEqual(result.status, "failed");
  strictEqual(bodies.length, 1);
});

Deno.test("the key does not show up in an error, even when Resend repeats it", async () => {
  const { result } = await sendTo(refused(403, "invalid_api_key", `API key ${API_KEY} is invalid`));
  ok(result.status === "failed");
  match(result.error, /API key \[secret\] is invalid/);
  doesNotMatch(result.error, /re_sample/);
});

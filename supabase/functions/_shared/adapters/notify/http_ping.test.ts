import { deepStrictEqual, doesNotMatch, match, strictEqual } from "node:assert/strict";
import { createHttpPing } from "./http_ping.ts";

const UUID = "00000000-0000-4000-8000-000000000000";

interface Seen {
  readonly method: string;
  readonly address: string;
  readonly body: string;
}

async function monitor(
  answer: () => Response | Promise<Response>,
  test: (base: string, seen: Seen[]) => Promise<void>,
): Promise<void> {
  const seen: Seen[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    seen.push({ method: request.method, address: pathname + search, body: await request.text() });
    return await answer();
  });
  try {
    await test(`http://127.0.0.1:${server.addr.port}`, seen);
  } finally {
    await server.shutdown();
  }
}

Deno.test("start, success and failure are told as healthchecks.io knows them", () =>
  monitor(() => new Response("OK"), async (base, seen) => {
    const ping = createHttpPing(`${base}/${UUID}`);
    strictEqual(await ping.start(), undefined);
    strictEqual(await ping.success(), undefined);
    strictEqual(await ping.failure("The bucket is missing. ✗"), undefined);
    deepStrictEqual(seen, [
      { method: "GET", address: `/${UUID}/start`, body: "" },
      { method: "GET", address: `/${UUID}`, body: "" },
      { method: "POST", address: `/${UUID}/fail`, body: "The bucket is missing. ✗" },
    ]);
  }));

Deno.test("a query string is kept, and a slash at the end does no harm", () =>
  monitor(() => new Response("OK"), async (base, seen) => {
    await createHttpPing(`${base}/${UUID}/?rid=1&create=1`).start();
    await createHttpPing(`${base}/key/slug?rid=1`).failure("x".repeat(10_000));
    deepStrictEqual(seen.map(({ address }) => address), [`/${UUID}/start?rid=1&create=1`, "/key/slug/fail?rid=1"]);
    strictEqual(seen[1].body.length, 2_000);
  }));

for (
  const [answer, expected] of [
    [() => new Response("not found", { status: 404 }), /answered 404/],
    [() => new Response("", { status: 500 }), /answered 500/],
    [() => new Response("OK (not found)"), /answered "not found"/],
    [() => new Response("OK (rate limited)"), /answered "rate limited"/],
  ] as const
) {
  Deno.test(`a monitor that ${expected.source} gives a warning with its host alone`, () =>
    monitor(answer, async (base) => {
      const warning = await createHttpPing(`${base}/${UUID}`).success();
      match(warning!, expected);
      match(warning!, /127\.0\.0\.1/);
      doesNotMatch(warning!, new RegExp(UUID));
    }));
}

Deno.test("a monitor that is silent is given up after the time-out", () => {
  const hold = Promise.withResolvers<Response>();
  return monitor(() => hold.promise, async (base) => {
    match((await createHttpPing(`${base}/${UUID}`, 100).start())!, /did not answer within 0\.1 s/);
    hold.resolve(new Response());
  });
});

Deno.test("a monitor that cannot be reached gives a warning that does not quote its address", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  const warning = await createHttpPing(`http://127.0.0.1:${port}/${UUID}`).failure("x");
  match(warning!, /could not be reached/);
  doesNotMatch(warning!, new RegExp(UUID));
});

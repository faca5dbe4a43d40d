import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { asStream, WatchedBody } from "./body.ts";

/** Requests a body from a server whose answers `answer` writes. */
async function withBody(
  answer: (response: ServerResponse) => void,
  sizeBytes: number | undefined,
  read: (body: WatchedBody) => Promise<void>,
): Promise<void> {
  const server = createServer((_request, response) => answer(response));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const stop = new AbortController();
  try {
    const { body } = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { signal: stop.signal });
    const watched = new WatchedBody(body, { sizeBytes, stallTimeoutMs: 500, subject: "photos/a.jpg", stop });
    try {
      await read(watched);
    } finally {
      await watched.cancel();
    }
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}

/** Sends blocks of these sizes. Each byte is one more than the byte before. */
function blocks(...sizes: number[]): (response: ServerResponse) => void {
  return async (response) => {
    let next = 0;
    for (const size of sizes) {
      const block = new Uint8Array(size).map(() => next++);
      await new Promise((written) => response.write(block, written));
    }
    response.end();
  };
}

/** Reads parts into the same memory until the body does not fill one, and returns their lengths. */
async function lengths(body: WatchedBody, partBytes: number): Promise<number[]> {
  const found: number[] = [];
  let next = 0;
  for (let memory = new Uint8Array(partBytes);;) {
    const part = await body.read(memory);
    found.push(part.length);
    for (const byte of part) strictEqual(byte, next++ & 255);
    if (part.length < partBytes) return found;
    memory = new Uint8Array(part.buffer);
  }
}

Deno.test("memory is filled, whatever the blocks are", async () => {
  await withBody(blocks(1, 2, 3, 4), undefined, async (body) => deepStrictEqual(await lengths(body, 3), [3, 3, 3, 1]));
  await withBody(blocks(10), 10, async (body) => deepStrictEqual(await lengths(body, 5), [5, 5, 0]));
  await withBody(
    blocks(40_000, 1),
    40_001,
    async (body) => deepStrictEqual(await lengths(body, 30_000), [30_000, 10_001]),
  );
});

Deno.test("the end is known where the size is, and looked for where it is not", async () => {
  for (const sizeBytes of [4, undefined]) {
    await withBody(blocks(4), sizeBytes, async (body) => {
      strictEqual((await body.read(new Uint8Array(3))).length, 3);
      strictEqual(await body.isAtEnd(), false);
    });
    await withBody(blocks(4), sizeBytes, async (body) => {
      strictEqual((await body.read(new Uint8Array(4))).length, 4);
      strictEqual(await body.isAtEnd(), true);
    });
  }
  await withBody((response) => response.end(), 0, async (body) => {
    strictEqual((await body.read(new Uint8Array(0))).length, 0);
    strictEqual(await body.isAtEnd(), true);
  });
});

Deno.test("a body that ends early, breaks or falls silent is an error", async () => {
  const isUnavailable = { code: "source_unavailable" };
  await withBody(blocks(3), 4, (body) => rejects(body.read(new Uint8Array(4)), isUnavailable));
  const broken = (response: ServerResponse) => {
    response.write("ab", () => response.destroy());
  };
  await withBody(broken, undefined, (body) => rejects(body.read(new Uint8Array(4)), isUnavailable));
  const silent = (response: ServerResponse) => void response.write("ab");
  await withBody(silent, undefined, (body) => rejects(body.read(new Uint8Array(4)), /sent nothing for 0.5 s/));
});

Deno.test("as a stream it has the same bytes", async () => {
  await withBody(blocks(5, 300_000), 300_005, async (body) => {
    const whole = new Uint8Array(await new Response(asStream(body)).arrayBuffer());
    strictEqual(whole.length, 300_005);
    strictEqual(whole.every((byte, index) => byte === (index & 255)), true);
  });
});

import { createHash } from "node:crypto";

/** How the server misbehaves for one object. */
export type Misbehaviour =
  | { readonly kind: "status"; readonly status: number; readonly body?: string; readonly times?: number }
  /** Sends this many bytes and then nothing more. */
  | { readonly kind: "stall"; readonly afterBytes: number; readonly times?: number }
  /** Sends this many bytes and closes the connection. */
  | { readonly kind: "cut"; readonly afterBytes: number; readonly times?: number }
  /** Sends this ETag instead of the object's. */
  | { readonly kind: "etag"; readonly etag: string }
  /** Answers requests without a query from a cache that holds these bytes, with a wrong ETag if `etag` is given. */
  | { readonly kind: "cached"; readonly bytes: Uint8Array; readonly etag?: string };

interface Held {
  readonly chunks: () => Iterable<Uint8Array>;
  readonly size: number;
  readonly etag: string;
  readonly contentType: string;
  readonly cacheControl: string;
}

export const SECRET_KEY = "sb_secret_sample-for-tests";

/** MD5 as hex. */
export function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}

/**
 * A small Storage on a bare socket. It sees the path of a request exactly as it was sent, and it can stall, cut off and
 * send wrong headers, which an HTTP server would not allow. Objects are in memory; a large one is made while it is
 * sent.
 */
export class StorageServer implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #held = new Map<string, Held>();
  readonly #wrong = new Map<string, Misbehaviour>();
  readonly #connections = new Set<Deno.Conn>();
  readonly #done: Promise<void>;
  /** `bucket/path` of every object that was asked for, in order. */
  readonly asked: string[] = [];
  readonly headers: Headers[] = [];
  /** Called before each answer. */
  onRequest: ((name: string) => void | Promise<void>) | undefined;
  /** While set, every request is answered with this status. */
  outage: number | undefined;
  /** Whether the server supports `Range`. */
  ranges = true;
  /** The answer to a request for the list of buckets. */
  bucketsShown: string | undefined;

  constructor() {
    this.#done = this.#accept();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}`;
  }

  put(name: string, bytes: Uint8Array, contentType: string, cacheControl: string): string {
    const held = { chunks: () => [bytes], size: bytes.length, etag: md5(bytes), contentType, cacheControl };
    this.#held.set(name, held);
    return held.etag;
  }

  /** Adds an object of any size that takes no memory, since it is one block again and again. */
  putRepeated(name: string, block: Uint8Array, times: number, etag: string): void {
    const chunks = function* () {
      for (let i = 0; i < times; i++) yield block;
    };
    const size = block.length * times;
    this.#held.set(name, { chunks, size, etag, contentType: "video/mp4", cacheControl: "max-age=3600" });
  }

  etag(name: string): string | undefined {
    return this.#held.get(name)?.etag;
  }

  remove(name: string): void {
    this.#held.delete(name);
  }

  misbehave(name: string, how: Misbehaviour | undefined): void {
    if (how) this.#wrong.set(name, how);
    else this.#wrong.delete(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) close(connection);
    await this.#done;
  }

  async #accept(): Promise<void> {
    const answers = new Set<Promise<void>>();
    try {
      for await (const connection of this.#listener) {
        this.#connections.add(connection);
        const answer = this.#answer(connection).catch(() => {}).finally(() => {
          close(connection);
          this.#connections.delete(connection);
          answers.delete(answer);
        });
        answers.add(answer);
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
    await Promise.all(answers);
  }

  async #answer(connection: Deno.Conn): Promise<void> {
    const { target, headers } = await readRequest(connection);
    this.headers.push(headers);
    if (headers.get("apikey") !== SECRET_KEY || headers.has("authorization")) {
      return await send(connection, 400, '{"statusCode":"403","error":"Unauthorized","message":"Invalid Compact JWS"}');
    }
    if (this.outage) return await send(connection, this.outage, '{"message":"down"}');
    if (target.startsWith("/storage/v1/bucket")) {
      return await send(connection, 200, this.bucketsShown ?? '[{"id":"any"}]');
    }
    const [path, query] = target.split("?");
    const name = path.split("/").slice(4).map(decodeURIComponent).join("/").replace(/^authenticated\//, "");
    this.asked.push(name);
    await this.onRequest?.(name);
    const wrong = this.#take(name);
    if (wrong?.kind === "status") return await send(connection, wrong.status, wrong.body ?? '{"message":"wrong"}');
    let held = this.#held.get(name);
    if (wrong?.kind === "cached" && query === undefined) {
      const { bytes, etag } = wrong;
      held = { ...held!, chunks: () => [bytes], size: bytes.length, etag: etag ?? md5(bytes) };
    }
    if (!held) {
      return await send(connection, 400, '{"statusCode":"404","error":"not_found","message":"Object not found"}');
    }
    const range = this.ranges ? /^bytes=(\d+)-$/.exec(headers.get("range") ?? "") : null;
    await sendHeld(connection, held, wrong, range ? Number(range[1]) : undefined);
  }

  #take(name: string): Misbehaviour | undefined {
    const wrong = this.#wrong.get(name);
    if (wrong && "times" in wrong && wrong.times !== undefined) {
      if (wrong.times === 0) return undefined;
      this.#wrong.set(name, { ...wrong, times: wrong.times - 1 });
    }
    return wrong;
  }
}

async function sendHeld(
  connection: Deno.Conn,
  held: Held,
  wrong: Misbehaviour | undefined,
  from?: number,
): Promise<void> {
  const etag = wrong?.kind === "etag" ? wrong.etag : held.etag;
  const status = from === undefined
    ? "200 OK"
    : `206 Partial Content\r\nContent-Range: bytes ${from}-${held.size - 1}/${held.size}`;
  let skip = from ?? 0;
  const head = `HTTP/1.1 ${status}\r\nContent-Length: ${held.size - skip}\r\nETag: "${etag}"\r\nConnection: close\r\n` +
    `Content-Type: ${held.contentType}\r\nCache-Control: ${held.cacheControl}\r\n\r\n`;
  await writeAll(connection, new TextEncoder().encode(head));
  let left = wrong?.kind === "stall" || wrong?.kind === "cut" ? wrong.afterBytes : Infinity;
  for (const whole of held.chunks()) {
    const chunk = whole.subarray(Math.min(skip, whole.length));
    skip -= whole.length - chunk.length;
    if (chunk.length === 0) continue;
    await writeAll(connection, chunk.subarray(0, Math.min(chunk.length, left)));
    left -= chunk.length;
    if (left <= 0) break;
  }
  // Waits until the other side closes the connection or the server ends.
  if (wrong?.kind === "stall") await connection.read(new Uint8Array(1));
}

async function send(connection: Deno.Conn, status: number, body: string): Promise<void> {
  const bytes = new TextEncoder().encode(body);
  const head = `HTTP/1.1 ${status} x\r\nContent-Type: application/json\r\nContent-Length: ${bytes.length}\r\n` +
    "Connection: close\r\n\r\n";
  await writeAll(connection, new TextEncoder().encode(head));
  await writeAll(connection, bytes);
}

async function readRequest(connection: Deno.Conn): Promise<{ target: string; headers: Headers }> {
  let text = "";
  const buffer = new Uint8Array(16_384);
  while (!text.includes("\r\n\r\n")) {
    const read = await connection.read(buffer);
    if (read === null) throw new Error("ended before its head");
    text += new TextDecoder("latin1").decode(buffer.subarray(0, read));
  }
  const [first, ...lines] = text.slice(0, text.indexOf("\r\n\r\n")).split("\r\n");
  const headers = new Headers(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  }));
  return { target: first.split(" ")[1], headers };
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await connection.write(bytes.subarray(written));
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

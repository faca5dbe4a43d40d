import { lasting } from "./lasting.ts";

/**
 * A small HTTP proxy on real sockets that stands before an S3 server and misbehaves when a test arms a fault. The
 * client's endpoint is the proxy's address, and the Host header goes through unchanged, so signatures stay valid. Each
 * connection carries one request ("Connection: close" is added to it), so that a place to cut can be given as a number
 * of bytes.
 */
export interface SeenRequest {
  readonly method: string;
  /** The path as it was sent, with the query. */
  readonly target: string;
  readonly headers: Headers;
}

/** One way in which the proxy can misbehave. */
export type ConnectionFault =
  /** Answers in the server's place. The request is read to its end first, so that the client can read the answer. */
  | {
    readonly kind: "answer";
    readonly status: number;
    readonly headers?: Record<string, string>;
    readonly body?: string;
  }
  /** Takes the request and never answers, or stops in the middle of the response's body, until the client goes away. */
  | { readonly kind: "stall"; readonly afterResponseBytes?: number }
  /** Closes the connection instead of passing the request on. */
  | { readonly kind: "hang up" }
  /** Passes the request on and does not return the answer. */
  | { readonly kind: "unanswered" }
  /** Closes the connection after so many bytes of the body of the request or of the response. */
  | { readonly kind: "drop"; readonly side: "request" | "response"; readonly afterBytes: number }
  /** Changes one bit of the byte at this offset of a body. */
  | { readonly kind: "flip"; readonly side: "request" | "response"; readonly atByte: number }
  /** Waits before it passes the request on. */
  | { readonly kind: "delay"; readonly ms: number }
  /** Lets something else happen before it passes the request on. */
  | { readonly kind: "meanwhile"; readonly happens: () => Promise<unknown> };

interface ArmedFault {
  readonly fault: ConnectionFault;
  readonly matches: (request: SeenRequest) => boolean;
  left: number;
}

/** The XML of an S3 error. */
export function errorXml(code: string, message = "Sample of a failure."): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>SAMPLE</RequestId></Error>`;
}

export class FaultyProxy implements AsyncDisposable {
  /** Every request that came in, in order. */
  readonly seen: SeenRequest[] = [];
  /** How many requests have been taken and left without an answer. */
  stalled = 0;
  readonly #upstream: () => Deno.ConnectOptions;
  readonly #listener: Deno.TcpListener;
  readonly #armed: ArmedFault[] = [];
  readonly #open = new Set<Deno.Conn>();
  readonly #served: Promise<void>;
  readonly #handling = new Set<Promise<void>>();

  /**
   * @param upstream Address of the server behind, for example `http://127.0.0.1:9000`, or a function that returns it.
   */
  constructor(upstream: string | (() => string)) {
    this.#upstream = () => {
      const { hostname, port } = new URL(typeof upstream === "string" ? upstream : upstream());
      return { hostname, port: Number(port) };
    };
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#served = this.#serve();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}`;
  }

  /** The next `times` requests that match get this fault. Of several faults that match, the first one armed is used. */
  arm(fault: ConnectionFault, matches: (request: SeenRequest) => boolean = () => true, times = 1): void {
    this.#armed.push({ fault, matches, left: times });
  }

  /** Removes all faults, so that every new request goes through. Requests that stall already go on stalling. */
  disarm(): void {
    this.#armed.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#open) close(connection);
    await this.#served;
    await Promise.all(this.#handling);
  }

  async #serve(): Promise<void> {
    for await (const connection of this.#listener) {
      const handling = this.#handle(connection).catch((error) => {
        // Connections that one side has cut are expected here. Any other error is a defect of the proxy.
        if (!isClosed(error)) throw error;
      }).finally(() => this.#handling.delete(handling));
      this.#handling.add(handling);
    }
  }

  async #handle(client: Deno.Conn): Promise<void> {
    this.#open.add(client);
    try {
      const message = await readHead(client);
      if (!message) return;
      const request = parseRequest(message.head);
      this.seen.push(request);
      const fault = this.#next(request);
      if (fault?.kind === "answer") return await answer(client, request, message.rest, fault);
      if (fault?.kind === "hang up") return;
      if (fault?.kind === "stall" && fault.afterResponseBytes === undefined) {
        this.stalled++;
        return await drain(client);
      }
      if (fault?.kind === "delay") await lasting(fault.ms);
      if (fault?.kind === "meanwhile") await fault.happens();
      await this.#passOn(client, message, fault);
    } finally {
      this.#open.delete(client);
      close(client);
    }
  }

  #next(request: SeenRequest): ConnectionFault | undefined {
    const armed = this.#armed.find((armed) => armed.left > 0 && armed.matches(request));
    if (armed) armed.left--;
    return armed?.fault;
  }

  async #passOn(client: Deno.Conn, message: Message, fault: ConnectionFault | undefined): Promise<void> {
    const server = await Deno.connect(this.#upstream());
    this.#open.add(server);
    try {
      await writeAll(server, encoder.encode(message.head.replace("\r\n", "\r\nConnection: close\r\n")));
      const sending = pipe(client, server, message.rest, tamper(fault, "request")).catch((error) => {
        if (!isClosed(error)) throw error;
        close(client);
        close(server);
      });
      const response = await readHead(server);
      if (response && fault?.kind !== "unanswered") {
        await writeAll(client, encoder.encode(response.head));
        const outcome = await pipe(server, client, response.rest, tamper(fault, "response"));
        if (outcome === "stall") await drain(client);
      }
      close(client);
      close(server);
      await sending;
    } finally {
      this.#open.delete(server);
      close(server);
    }
  }
}

interface Message {
  /** Start line and headers, to the blank line. */
  readonly head: string;
  /** The part of the body that arrived together with the head. */
  readonly rest: Uint8Array;
}

/** Changes or shortens a piece of a body before it is passed on; `then` says what follows it. */
type Tamper = (chunk: Uint8Array) => { chunk: Uint8Array; then: "go on" | "drop" | "stall" };

function tamper(fault: ConnectionFault | undefined, side: "request" | "response"): Tamper {
  let passed = 0;
  return (chunk) => {
    const start = passed;
    passed += chunk.byteLength;
    if (fault?.kind === "flip" && fault.side === side && fault.atByte >= start && fault.atByte < passed) {
      chunk = chunk.slice();
      chunk[fault.atByte - start] ^= 1;
    }
    const limit = fault?.kind === "drop" && fault.side === side
      ? fault.afterBytes
      : fault?.kind === "stall" && side === "response"
      ? fault.afterResponseBytes
      : undefined;
    if (limit === undefined || passed < limit) return { chunk, then: "go on" };
    return { chunk: chunk.subarray(0, Math.max(0, limit - start)), then: fault?.kind === "stall" ? "stall" : "drop" };
  };
}

async function pipe(from: Deno.Conn, to: Deno.Conn, first: Uint8Array, change: Tamper): Promise<"end" | "stall"> {
  const buffer = new Uint8Array(64 * 1024);
  for (let chunk: Uint8Array | undefined = first; chunk; chunk = await read(from, buffer)) {
    const changed = change(chunk);
    await writeAll(to, changed.chunk);
    if (changed.then === "stall") return "stall";
    if (changed.then === "drop") {
      close(from);
      close(to);
      return "end";
    }
  }
  return "end";
}

async function answer(
  client: Deno.Conn,
  request: SeenRequest,
  rest: Uint8Array,
  { status, headers = {}, body = "" }: Extract<ConnectionFault, { kind: "answer" }>,
): Promise<void> {
  let left = Number(request.headers.get("content-length") ?? 0) - rest.byteLength;
  const buffer = new Uint8Array(64 * 1024);
  while (left > 0) {
    const chunk = await read(client, buffer);
    if (!chunk) return;
    left -= chunk.byteLength;
  }
  const bytes = encoder.encode(body);
  const lines = Object.entries({ "content-length": String(bytes.byteLength), connection: "close", ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`);
  await writeAll(client, encoder.encode(`HTTP/1.1 ${status} Sample\r\n${lines.join("")}\r\n`));
  if (request.method !== "HEAD") await writeAll(client, bytes);
}

const encoder = new TextEncoder();

async function readHead(connection: Deno.Conn): Promise<Message | undefined> {
  const buffer = new Uint8Array(64 * 1024);
  let head = "";
  for (let chunk = await read(connection, buffer); chunk; chunk = await read(connection, buffer)) {
    // Latin-1 keeps one character for each byte, so that offsets in the text are offsets in the bytes.
    head += Array.from(chunk, (byte) => String.fromCharCode(byte)).join("");
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) continue;
    const rest = Uint8Array.from(head.slice(end + 4), (letter) => letter.charCodeAt(0));
    return { head: head.slice(0, end + 4), rest };
  }
  return undefined;
}

function parseRequest(head: string): SeenRequest {
  const [start, ...lines] = head.trimEnd().split("\r\n");
  const [method, target] = start.split(" ");
  const headers = new Headers(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  }));
  return { method, target, headers };
}

async function read(connection: Deno.Conn, buffer: Uint8Array): Promise<Uint8Array | undefined> {
  const count = await connection.read(buffer);
  return count === null ? undefined : buffer.subarray(0, count);
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.byteLength;) written += await connection.write(bytes.subarray(written));
}

/** Reads and discards bytes until the other side goes away. */
async function drain(connection: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  while (await read(connection, buffer));
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

function isClosed(error: unknown): boolean {
  return [
    Deno.errors.BadResource,
    Deno.errors.BrokenPipe,
    Deno.errors.ConnectionReset,
    Deno.errors.ConnectionAborted,
    Deno.errors.Interrupted,
    Deno.errors.NotConnected,
    Deno.errors.UnexpectedEof,
  ].some((kind) => error instanceof kind);
}

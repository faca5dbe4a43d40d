/** A TCP relay that can fall silent or cut, for protocols whose messages it does not know. */
export class TcpProxy implements AsyncDisposable {
  readonly #listener: Deno.TcpListener;
  readonly #connections = new Set<Deno.TcpConn>();
  #silentAfterBytes = Infinity;
  #relayed = 0;

  constructor(readonly upstreamPort: number) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** After so many more bytes from the server nothing is passed on, without closing a connection: a half-open network. */
  fallSilentAfter(bytes: number): void {
    this.#silentAfterBytes = this.#relayed + bytes;
  }

  get isSilent(): boolean {
    return this.#relayed > this.#silentAfterBytes;
  }

  /** Ends every connection without a goodbye. */
  cut(): void {
    for (const connection of this.#connections) close(connection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut();
    await Promise.resolve();
  }

  async #accept(): Promise<void> {
    try {
      for await (const client of this.#listener) {
        const server = await Deno.connect({ hostname: "127.0.0.1", port: this.upstreamPort });
        this.#connections.add(client).add(server);
        this.#relay(client, server, false);
        this.#relay(server, client, true);
      }
    } catch {
      // The listener was closed.
    }
  }

  async #relay(from: Deno.TcpConn, to: Deno.TcpConn, fromServer: boolean): Promise<void> {
    const buffer = new Uint8Array(16_384);
    try {
      while (true) {
        const count = await from.read(buffer);
        if (count === null) break;
        if (fromServer) this.#relayed += count;
        if (this.#relayed > this.#silentAfterBytes) continue;
        for (let offset = 0; offset < count;) offset += await to.write(buffer.subarray(offset, count));
      }
    } catch {
      // One side has closed its connection; the other side's is closed below.
    }
    if (this.#relayed <= this.#silentAfterBytes) close(to);
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It was closed by the other direction.
  }
}

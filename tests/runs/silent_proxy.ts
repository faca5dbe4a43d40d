/**
 * A TCP proxy that can fall silent: connections stay open, new ones are accepted, but nothing is passed on any more.
 */
export interface SilentProxy extends AsyncDisposable {
  readonly port: number;
  silent: boolean;
  /** How many connections their clients have not closed. */
  clients: number;
}

export function startSilentProxy(targetPort: number): SilentProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections = new Set<Deno.Conn>();
  const proxy = {
    port: listener.addr.port,
    silent: false,
    clients: 0,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of connections) close(connection);
      await serving;
    },
  };
  const pump = async (from: Deno.Conn, to: Deno.Conn) => {
    const buffer = new Uint8Array(16_384);
    try {
      for (let read = await from.read(buffer); read !== null; read = await from.read(buffer)) {
        if (!proxy.silent) await to.write(buffer.subarray(0, read));
      }
    } catch {
      // One side is gone. The connection to the other side is closed below.
    }
    if (!proxy.silent) close(to);
  };
  const serve = async () => {
    for await (const client of listener) {
      const server = await Deno.connect({ hostname: "127.0.0.1", port: targetPort });
      connections.add(client).add(server);
      proxy.clients++;
      pump(client, server).then(() => proxy.clients--);
      pump(server, client);
    }
  };
  const serving = serve();
  return proxy;
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // The relay of the other direction has closed it already.
  }
}

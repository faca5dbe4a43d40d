import { LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";

/** A TCP port on 127.0.0.1 that is free now. Another process may take it, so callers must be ready to try again. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}

/**
 * Throws `port_taken` when something already listens on 127.0.0.1:`port`. `what` names the part that needs the port,
 * and `hint` says how to change it.
 */
export function assertPortFree(
  port: number,
  what: string,
  hint = "Stop the other program, or choose another port.",
): void {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AddrInUse)) throw cause;
    throw new LifeboatError({
      code: "port_taken",
      kind: "conflict",
      message: `${what} wants port ${port} on 127.0.0.1, but another program listens there.`,
      hint,
      operation: "local.listen",
      subject: String(port),
      cause,
    });
  }
}

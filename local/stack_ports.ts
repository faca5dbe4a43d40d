import { assertPortFree, freePort } from "./ports.ts";

/** The default of LIFEBOAT_PORT_BASE. */
export const DEFAULT_PORT_BASE = 56320;

/** The parts in the order of their ports: `api` has the base, `database` the base + 1, and so on. */
const PARTS = ["api", "database", "supabase", "s3", "mailbox", "admin"] as const;

export type StackPorts = Readonly<Record<typeof PARTS[number], number>>;

/** Ports from `base` on. Where it is null each is 0, so that the part takes a free one. Throws `port_taken`. */
export function stackPorts(base: number | null): StackPorts {
  const ports = PARTS.map((part, offset) => {
    // Vite's port is chosen here, because other parts need its address before it starts.
    if (base === null) return [part, part === "admin" ? freePort() : 0];
    assertPortFree(
      base + offset,
      `The local stack (${part})`,
      "Is the stack running already? Stop it or the other program, or move the stack: LIFEBOAT_PORT_BASE=57000 npm start.",
    );
    return [part, base + offset];
  });
  return Object.fromEntries(ports);
}

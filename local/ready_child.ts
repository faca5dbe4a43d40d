import { LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";
import { type Child, type ChildOptions, startChild } from "./child_process.ts";
import { READY } from "./ready_line.ts";

export interface ReadyChild extends Child {
  readonly port: number;
}

/**
 * Starts a process and waits until it prints the line `@@ready <port>`. `started` gets the process before that. Throws
 * `part_failed` with the process's last output when it ends first or takes longer than `timeoutMs`.
 */
export async function startReadyChild(
  options: ChildOptions,
  timeoutMs = 60_000,
  started: (child: Child) => void = () => {},
): Promise<ReadyChild> {
  const announced = Promise.withResolvers<number>();
  const child = startChild({
    ...options,
    onLine: (line) => {
      if (line.startsWith(READY)) announced.resolve(Number(line.slice(READY.length)));
      else options.onLine?.(line);
    },
  });
  started(child);
  const timer = setTimeout(() => announced.resolve(-1), timeoutMs);
  child.exited.then(() => announced.resolve(-1));
  const port = await announced.promise;
  clearTimeout(timer);
  if (port > 0) return { ...child, port };
  await child.stop();
  throw new LifeboatError({
    code: "part_failed",
    kind: "permanent",
    message: `${options.name} did not start. It said:\n${child.tail().join("\n")}`,
    hint: "Read what it said. `npm ci` repairs a broken installation.",
    operation: "local.start",
    subject: options.name,
  });
}

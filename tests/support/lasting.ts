/**
 * A time that is itself the case: a server that takes so long, a reader that is slower than a limit, a process that is
 * stopped for so long. Whoever waits until something has happened asks for it instead (eventually.ts).
 */
export function lasting(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

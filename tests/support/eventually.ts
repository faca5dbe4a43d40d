/** Asks until the answer is yes. Throws, naming what was waited for, when it was not within `limitMs`. */
export async function eventually(
  what: string,
  condition: () => Promise<boolean> | boolean,
  limitMs = 20_000,
): Promise<void> {
  const startedMs = Date.now();
  while (!await condition()) {
    if (Date.now() - startedMs > limitMs) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Works on items in their order, at most `limit` at a time. Rejects with the first failure, after what was begun has
 * ended; nothing new is begun then.
 */
export async function eachAtOnce<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const iterator = sequence(items);
  let failure: { readonly reason: unknown } | undefined;
  async function worker(): Promise<void> {
    try {
      while (!failure) {
        const next = await iterator.next();
        if (next.done) return;
        await work(next.value);
      }
    } catch (reason) {
      failure ??= { reason };
    }
  }
  await Promise.all(Array.from({ length: limit }, worker));
  await iterator.return(undefined);
  if (failure) throw failure.reason;
}

/** A generator of its own queues calls of `next`, which other iterators need not do. */
async function* sequence<Item>(items: AsyncIterable<Item> | Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}

/**
 * Works on items in their order, at most `limit` at a time. After the first failure nothing new is begun; once the
 * items in work have ended, rejects with that failure.
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

/** Queues concurrent calls of `next`, which every generator does and other iterators need not. */
async function* sequence<Item>(items: AsyncIterable<Item> | Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}

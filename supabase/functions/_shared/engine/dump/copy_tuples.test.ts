import { deepStrictEqual, rejects } from "node:assert/strict";
import { hasCode } from "../errors.ts";
import { readCopyTuples } from "./copy_tuples.ts";

const HEADER = [...new TextEncoder().encode("PGCOPY\n"), 0xff, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const field = (...bytes: number[]) => [0, 0, 0, bytes.length, ...bytes];
const TUPLE = [0, 4, ...field(0, 0, 0, 1), ...field(0x35), ...field(0x7b, 0x7d), 0xff, 0xff, 0xff, 0xff];
const TRAILER = [0xff, 0xff];

async function read(...blocks: number[][]) {
  async function* given() {
    for (const block of blocks) yield await Promise.resolve(Uint8Array.from(block));
  }
  return await Array.fromAsync(readCopyTuples(given()), ({ rows, digest }) => ({ rows, digest }));
}

Deno.test("tuples are read up to the trailer", async () => {
  deepStrictEqual(await read([...HEADER, ...TUPLE], [...TUPLE, ...TRAILER]), [
    { rows: 1, digest: 5n },
    { rows: 1, digest: 5n },
  ]);
});

for (
  const [what, blocks] of [
    ["ends before its trailer", [[...HEADER, ...TUPLE]]],
    ["goes on after its trailer", [[...HEADER, ...TRAILER], TUPLE]],
    ["has a tuple with another number of fields", [[...HEADER, 0, 3], TRAILER]],
    ["has a field that ends beyond its message", [[...HEADER, ...TUPLE.slice(0, 8)], TRAILER]],
  ] as const
) {
  Deno.test(`a stream that ${what} is an error, and not fewer rows`, async () => {
    await rejects(read(...blocks.map((block) => [...block])), (error) => hasCode(error, "copy_malformed"));
  });
}

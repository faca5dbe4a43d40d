import { rejects, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { plainJson } from "../../src/features/downloads/plain-json.ts";
import type { PageError } from "../../src/lib/page-error.ts";

interface Dump {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly members: Parameters<typeof plainJson>[1]["members"];
}

/** A dump as the engine writes it: a gzip member for each text. */
function dumpOf(texts: readonly string[]): Dump {
  let offset = 0;
  const pieces = texts.map((text) => gzipSync(text));
  const members = pieces.map((piece, index) => {
    const member = {
      offset,
      length: piece.length,
      rawLength: new TextEncoder().encode(texts[index]).length,
      sha256: createHash("sha256").update(piece).digest("hex"),
      table: null,
      rows: 0,
      cipher: null,
    };
    offset += piece.length;
    return member;
  });
  return {
    bytes: new Uint8Array(pieces.flatMap((piece) => [...piece])),
    members,
  };
}

/** Cuts the bytes into chunks as the network does, without regard to members. */
function inChunks(
  bytes: Uint8Array<ArrayBuffer>,
  size: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const starts = Array.from(
    { length: Math.ceil(bytes.length / size) },
    (_, index) => index * size,
  );
  return ReadableStream.from(
    starts.map((start) => bytes.slice(start, start + size)),
  );
}

async function read({ bytes, members }: Dump, chunkSize = 7): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (
    const piece of plainJson(inChunks(bytes, chunkSize), { dump: { key: "backups/sample.json.gz" }, members })
  ) {
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}

const isDamage = (error: unknown) => (error as PageError).code === "dump_damaged";

Deno.test("members are decompressed one by one, wherever the network cuts", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "binary", maxLength: 300 }), {
        minLength: 1,
        maxLength: 6,
      }),
      fc.integer({ min: 1, max: 400 }),
      async (texts, chunkSize) => strictEqual(await read(dumpOf(texts), chunkSize), texts.join("")),
    ),
    { numRuns: 40 },
  ));

Deno.test("a dump that ends early is damage, not a shorter dump", async () => {
  const dump = dumpOf(["{", '"rows": []', "}"]);
  await rejects(read({ ...dump, bytes: dump.bytes.slice(0, -1) }), isDamage);
  await rejects(
    read({ ...dump, bytes: dump.bytes.slice(0, dump.members[2].offset) }),
    isDamage,
  );
});

Deno.test("a changed byte is damage", async () => {
  const dump = dumpOf(["{", '"rows": []', "}"]);
  dump.bytes[dump.members[1].offset + 12] ^= 1;
  await rejects(read(dump), isDamage);
});

Deno.test("bytes after the last member are damage", async () => {
  const dump = dumpOf(["{", "}"]);
  await rejects(
    read({ ...dump, bytes: new Uint8Array([...dump.bytes, 0]) }, 3),
    isDamage,
  );
  await rejects(
    read({ ...dump, bytes: new Uint8Array([...dump.bytes, 0]) }, 4_000),
    isDamage,
  );
});

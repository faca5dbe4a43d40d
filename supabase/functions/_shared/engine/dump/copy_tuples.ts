import { LifeboatError } from "../errors.ts";

/** One tuple of `pieceCopySql`. */
export interface CopyTuple {
  readonly rows: number;
  readonly digest: bigint;
  /** Rows separated by `,\n`, a view of the block; empty where the pages held no row. */
  readonly lines: Uint8Array<ArrayBuffer>;
  /** Place of a row that was refused for its size. */
  readonly oversize: string | null;
}

const SIGNATURE_BYTES = 11;
const NULL_LENGTH = -1;
const FIELDS = 4;
const decoder = new TextDecoder();

/**
 * Reads the binary COPY format (https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"): unlike text and
 * CSV it needs no quoting, on either side. Blocks hold whole messages, and Postgres sends a tuple as one message.
 * Throws `copy_malformed` when the stream is not that, or ends before its trailer.
 */
export async function* readCopyTuples(blocks: AsyncIterable<Uint8Array<ArrayBuffer>>): AsyncGenerator<CopyTuple> {
  let begun = false;
  let ended = false;
  for await (const block of blocks) {
    const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
    let offset = 0;
    if (!begun) {
      offset = SIGNATURE_BYTES + 4 + 4 + view.getInt32(SIGNATURE_BYTES + 4);
      begun = true;
    }
    while (offset < block.length) {
      const fields = view.getInt16(offset);
      offset += 2;
      if (fields === -1) {
        ended = true;
        break;
      }
      if (ended || fields !== FIELDS) throw malformed(`a tuple has ${fields} fields`);
      const field = (): Uint8Array<ArrayBuffer> | null => {
        const length = view.getInt32(offset);
        offset += 4;
        if (length === NULL_LENGTH) return null;
        if (offset + length > block.length) throw malformed("a field ends beyond its message");
        const bytes = block.subarray(offset, offset + length);
        offset += length;
        return bytes;
      };
      const rows = field();
      const digest = field();
      const lines = field();
      const oversize = field();
      yield {
        rows: rows ? new DataView(rows.buffer, rows.byteOffset, 4).getInt32(0) : 0,
        digest: digest ? BigInt(decoder.decode(digest)) : 0n,
        lines: lines ?? new Uint8Array(0),
        oversize: oversize ? decoder.decode(oversize) : null,
      };
    }
  }
  if (!ended) throw malformed("the stream ended before its trailer");
}

function malformed(what: string): LifeboatError {
  return new LifeboatError({
    code: "copy_malformed",
    kind: "transient",
    message: `The database's answer to COPY could not be read: ${what}.`,
    hint: "Run the backup again. Nothing that was stored before is harmed.",
    operation: "dump.copy",
  });
}

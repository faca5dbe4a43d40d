import type { Database, Session } from "../database.ts";
import { type CopyTuple, readCopyTuples } from "./copy_tuples.ts";
import { importSnapshot } from "./import_snapshot.ts";
import { pageOf, pagePlace, type Piece } from "./piece.ts";
import type { Snapshot } from "./snapshot.ts";
import { PAGES_PER_MESSAGE, pieceCopySql } from "./table_query.ts";

/** Pages that one session reads at a time: about 5 MiB of JSON in an ordinary table. */
const PAGES_AT_ONCE = 32 * PAGES_PER_MESSAGE;
/** Bytes of one piece that may wait for those before it; pages that point to large values hold far more than others. */
const BYTES_AHEAD = 16 * 1024 * 1024;
const QUEUE = { highWaterMark: BYTES_AHEAD, size: ({ lines }: CopyTuple) => lines.length + 1 };

/**
 * Sessions that share a snapshot and read a piece side by side, part by part. What they hold in memory is bounded: no more
 * parts than sessions wait beside the one whose turn it is.
 */
export class ReadAhead {
  readonly #sessions: readonly Session[];

  /** The sessions are the caller's to close, and of no use after a failure. */
  constructor(sessions: readonly Session[]) {
    this.#sessions = sessions;
  }

  /** What one session would read, in the same order. `pages` is the number of the table's pages. */
  async *read(piece: Piece, pages: number, maxRowBytes: number, signal: AbortSignal): AsyncGenerator<CopyTuple> {
    const parts = partsOf(piece, pages);
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    // Only of the parts that are under way: a large table has tens of thousands.
    const streams = new Map<number, TransformStream<CopyTuple, CopyTuple>>();
    const streamOf = (part: number) => {
      const stream = streams.get(part) ?? new TransformStream({}, undefined, QUEUE);
      streams.set(part, stream);
      return stream;
    };
    const turn = new Turn();
    let taken = 0;
    const readParts = async (session: Session) => {
      while (taken < parts.length) {
        const part = taken++;
        const writer = streamOf(part).writable.getWriter();
        try {
          await turn.reaches(part - this.#sessions.length, either);
          for await (const tuple of readCopyTuples(session.copyOut(pieceCopySql(parts[part], maxRowBytes), either))) {
            // The block that it lies in is used again.
            await writer.write({ ...tuple, lines: tuple.lines.slice() });
          }
          await writer.close();
        } catch (error) {
          await writer.abort(error);
          throw error;
        }
      }
    };
    const reading = Promise.all(this.#sessions.slice(0, parts.length).map(readParts));
    // The failure is thrown by the stream of the part in which it happened, once that part is read. Until then it must not end
    // the process as an unhandled rejection.
    reading.catch(() => {});
    try {
      for (let part = 0; part < parts.length; part++) {
        yield* streamOf(part).readable;
        streams.delete(part);
        turn.pass();
      }
      await reading;
    } finally {
      stop.abort();
    }
  }
}

/** Of a heap; anything else is read as a whole. */
function partsOf(piece: Piece, pages: number): Piece[] {
  if (!piece.table.heap) return [piece];
  const end = piece.to === null ? pages : pageOf(piece.to);
  const parts: Piece[] = [];
  let { from } = piece;
  for (let page = pageOf(from) + PAGES_AT_ONCE; page < end; page += PAGES_AT_ONCE) {
    parts.push({ table: piece.table, from, to: pagePlace(page) });
    from = pagePlace(page);
  }
  return [...parts, { table: piece.table, from, to: piece.to }];
}

/** Counts the parts that were passed on, and lets others wait for a count. */
class Turn {
  #passed = 0;
  readonly #waiting = new Set<() => void>();

  pass(): void {
    this.#passed++;
    for (const look of this.#waiting) look();
  }

  reaches(count: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!signal.aborted && this.#passed < count) return;
        this.#waiting.delete(look);
        signal.removeEventListener("abort", look);
        if (signal.aborted) reject(signal.reason);
        else resolve();
      };
      this.#waiting.add(look);
      signal.addEventListener("abort", look);
      look();
    });
  }
}

/** Opens `jobs` sessions beside the one that holds the snapshot. Throws as `importSnapshot`; then none is open. */
export async function openReaders(
  database: Database,
  { snapshotId, catalogue }: Pick<Snapshot, "snapshotId" | "catalogue">,
  jobs: number,
  lockTimeoutMs: number,
  signal: AbortSignal,
): Promise<Session[]> {
  const sessions: Session[] = [];
  try {
    while (sessions.length < jobs) {
      sessions.push((await importSnapshot(database, snapshotId, catalogue.tables, lockTimeoutMs, signal)).session);
    }
    return sessions;
  } catch (error) {
    await Promise.all(sessions.map((session) => session.close()));
    throw error;
  }
}

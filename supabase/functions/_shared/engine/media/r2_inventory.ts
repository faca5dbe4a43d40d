import type { LedgerEntry } from "../../contract/mod.ts";
import type { R2Result } from "../../contract/media_state.ts";
import type { Checksums } from "../checksum.ts";
import type { Clock } from "../clock.ts";
import type { Session } from "../database.ts";
import { asLifeboatError, hasCode, LifeboatError } from "../errors.ts";
import { NEWEST_R2_INVENTORY_KEY, r2InventoryKey } from "../format/keys.ts";
import { growingDelayMs, retry } from "../retry.ts";
import type { Run } from "../run/run.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { type R2Item, readR2Items } from "./r2_items.ts";
import { differenceLines, DIFFERENCES, expectR2Items, listR2, prepareReconcile } from "./r2_reconcile.ts";
import { findR2Source, type R2Source } from "./r2_sources.ts";
import { encodeText } from "./text_stream.ts";

export interface R2Context {
  readonly session: Session;
  readonly store: ObjectStore;
  readonly checksums: Checksums;
  readonly clock: Clock;
  /** R2 itself; without it nothing is compared. */
  readonly r2?: ObjectStore;
}

// The point's row keeps it as JSON.
export type { R2Result };
type R2SourceResult = R2Result["sources"][number];
export type R2Reconcile = R2Result["reconcile"];

/** A stream that was begun cannot be sent again by the store's decorator, but it can be read again from the database. */
const TRIES = 3;

/**
 * Writes the R2 inventory of the point: every file that the sources say lies in R2, streamed as one JSON document, one
 * item to a line. The bytes in R2 are not copied. A store that fails for a moment does not fail the run. May be repeated:
 * it replaces the point's inventory.
 */
export async function writeR2Inventory(
  context: R2Context,
  sources: readonly R2Source[],
  run: Run,
): Promise<R2Result> {
  const rules = {
    tries: TRIES,
    mayPass: (error: unknown) => !run.signal.aborted && hasCode(error, "store_unavailable", "object_corrupt"),
    delayMs: growingDelayMs,
  };
  return await retry(context.clock, rules, () => writeOnce(context, sources, run), run.signal);
}

async function writeOnce(context: R2Context, sources: readonly R2Source[], run: Run): Promise<R2Result> {
  const key = r2InventoryKey(run.project, run.recoveryPoint);
  const digest = context.checksums.sha256();
  const inventory = new Inventory(context, sources, run);
  async function* body() {
    for await (const block of encodeText(inventory.text())) {
      digest.update(block);
      yield block;
    }
    await run.confirm();
  }
  await context.store.putStream(key, body(), { contentType: "application/json" }, run.signal);
  return { key, checksum: `sha256:${digest.hex()}`, ...inventory.result() };
}

/** Puts the same document where people look for the newest. */
export async function writeNewestR2Inventory(store: ObjectStore, key: string, signal?: AbortSignal): Promise<void> {
  await store.copy(key, NEWEST_R2_INVENTORY_KEY, undefined, signal);
}

class Inventory {
  readonly #sources: R2SourceResult[] = [];
  readonly #ledger: LedgerEntry[] = [];
  #items = 0;
  #bytes = 0;
  #withoutSize = 0;
  #reconcile: R2Reconcile = { status: "not_configured" };

  constructor(
    private readonly context: R2Context,
    private readonly sources: readonly R2Source[],
    private readonly run: Run,
  ) {}

  result() {
    return {
      items: this.#items,
      bytes: this.#items > 0 && this.#withoutSize === this.#items ? null : this.#bytes,
      sources: this.#sources,
      reconcile: this.#reconcile,
      ledger: this.#ledger,
    };
  }

  async *text(): AsyncGenerator<string> {
    const { project, recoveryPoint, startedAt } = this.run;
    const head = { format: "lifeboat-r2-inventory", formatVersion: 1, project, recoveryPoint, takenAt: startedAt };
    if (this.context.r2) await prepareReconcile(this.context.session, this.run.signal);
    yield `${JSON.stringify(head).slice(0, -1)},\n"items":[`;
    let separator = "\n";
    for (const source of this.sources) {
      for await (const items of this.#read(source)) {
        yield separator + items.map(itemLine).join(",\n");
        separator = ",\n";
      }
    }
    yield `],\n"sources":${JSON.stringify(this.#sources)},\n`;
    const { items, bytes } = this.result();
    yield `"totals":${JSON.stringify({ items, bytes, withoutSize: this.#withoutSize })},\n"reconcile":`;
    yield* this.#reconcileText();
    yield "}\n";
  }

  /** A table that is there and refuses to be read is named in the ledger; a lost connection ends the run. */
  async *#read(source: R2Source): AsyncGenerator<R2Item[]> {
    const { session, r2 } = this.context;
    const found = await findR2Source(session, source, this.run.signal);
    if (found.status === "absent") {
      this.#sources.push({ table: found.name, status: "absent", items: 0, reason: found.reason });
      return;
    }
    let read = 0;
    try {
      for await (const items of readR2Items(session, found.name, found.query, this.run.signal)) {
        read += items.length;
        this.#count(items);
        if (r2) await expectR2Items(session, items, this.run.signal);
        yield items;
      }
      this.#sources.push({ table: found.name, status: "read", items: read, columns: found.columns });
    } catch (error) {
      if (!(error instanceof LifeboatError) || error.kind === "transient" || this.run.signal.aborted) throw error;
      const reason = `${error.code}: ${error.message}`;
      this.#sources.push({ table: found.name, status: "unreadable", items: read, reason, columns: found.columns });
      this.#ledger.push({ kind: "r2_source", identity: found.name, reason, severity: "missing" });
    }
  }

  #count(items: readonly R2Item[]): void {
    this.#items += items.length;
    for (const { size } of items) {
      if (size === null) this.#withoutSize++;
      else this.#bytes += size;
    }
  }

  async *#reconcileText(): AsyncGenerator<string> {
    const { session, r2 } = this.context;
    const { signal } = this.run;
    if (r2) {
      try {
        const listed = await listR2(session, r2, signal);
        this.#reconcile = {
          status: "done",
          listed,
          counts: { inDatabaseMissingInR2: 0, inR2UnknownToDatabase: 0, sizeMismatch: 0 },
        };
      } catch (error) {
        const failure = asLifeboatError(error);
        if (signal.aborted || failure.code.startsWith("database_")) throw error;
        this.#reconcile = { status: "failed", code: failure.code, message: failure.message };
      }
    }
    if (this.#reconcile.status !== "done") {
      yield JSON.stringify(this.#reconcile);
      return;
    }
    const { counts } = this.#reconcile;
    yield `{"status":"done","listed":${this.#reconcile.listed}`;
    for (const name of Object.keys(DIFFERENCES) as (keyof typeof DIFFERENCES)[]) {
      yield `,\n"${name}":[`;
      for await (const lines of differenceLines(session, DIFFERENCES[name], signal)) {
        yield (counts[name] === 0 ? "\n" : ",\n") + lines.join(",\n");
        counts[name] += lines.length;
      }
      yield "]";
    }
    yield "}";
  }
}

function itemLine({ path, url, size, table, row }: R2Item): string {
  return `${JSON.stringify({ path, url, size, table }).slice(0, -1)},"row":${row}}`;
}

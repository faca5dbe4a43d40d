import { BlockBuffer } from "../block_buffer.ts";
import { type MediaManifestState, mediaManifestState } from "../../contract/media_state.ts";
import type { Checksums, ResumableChecksum } from "../checksum.ts";
import type { PieceCompressor } from "../compression.ts";
import type { Session } from "../database.ts";
import { hasCode } from "../errors.ts";
import { mediaManifestKey } from "../format/keys.ts";
import type { Budget } from "../run/budget.ts";
import { readAnswer } from "../sql_answer.ts";
import { readBytea } from "../read_bytea.ts";
import type { Run } from "../run/run.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { LEAST_PART_BYTES, PartWriter } from "../store/part_writer.ts";
import { adoptManifest, type WrittenManifest } from "./adopt_manifest.ts";
import { GzipPieces } from "./gzip_pieces.ts";
import { listLines, MANIFEST_LISTS, PAGE_ROWS, readListEnds, TEXT_AFTER, textBefore } from "./manifest_text.ts";
import type { MediaManifestHead } from "../format/media_manifest.ts";
import { quoteLiteral } from "../format/sql_names.ts";

export interface ManifestContext {
  readonly session: Session;
  readonly store: ObjectStore;
  readonly checksums: Checksums;
  readonly compressor: PieceCompressor;
  readonly budget: Budget;
  /** The invocation that has the right to close the point (`claimClosing`). */
  readonly finisher: string;
}

/** Text that is compressed at once. */
const PIECE_BYTES = 512 * 1024;

/**
 * Writes the manifest of a point, which makes its files a backup, page by page, so that a million files take no more
 * memory than one. Undefined when the budget was spent before its end: the next invocation goes on where this one stood.
 * The lease is asked for once more before the object can be seen. A manifest that is there already is ours if it says the
 * same (an invocation that died, or an answer that was lost); else `media_manifest_differs` is thrown and nothing is changed.
 */
export async function writeMediaManifest(
  context: ManifestContext,
  head: MediaManifestHead,
  run: Run,
): Promise<WrittenManifest | undefined> {
  const writer = await ManifestWriter.open(context, head, run);
  try {
    return await writer.write();
  } catch (error) {
    if (!hasCode(error, "upload_missing")) throw error;
    // Completed by an invocation that died before it could say so, given back after a failure, or spoilt by a part of one
    // that was stopped and came late: from the beginning.
    await writer.abort();
    await forgetManifest(context.session, run);
    return await (await ManifestWriter.open(context, head, run)).write();
  }
}

async function forgetManifest(session: Session, run: Run): Promise<void> {
  await session.query("select lifeboat.forget_media_manifest($1)", [run.recoveryPoint], run.signal);
}

class ManifestWriter {
  readonly #encoder = new TextEncoder();
  readonly #piece = new BlockBuffer(PIECE_BYTES);

  private constructor(
    private readonly context: ManifestContext,
    private readonly head: MediaManifestHead,
    private readonly run: Run,
    private readonly key: string,
    private readonly state: MediaManifestState | undefined,
    private readonly sum: ResumableChecksum,
    private readonly gzip: GzipPieces,
    private readonly parts: PartWriter,
  ) {}

  static async open(context: ManifestContext, head: MediaManifestHead, run: Run): Promise<ManifestWriter> {
    const { session, checksums, compressor, store } = context;
    const { state, carry } = await readCarried(session, run);
    const key = mediaManifestKey(head.project, head.recoveryPoint);
    const sum = await checksums.resumableSha256(state?.sha256State);
    const gzip = await GzipPieces.open(checksums, compressor, state?.gzip);
    const settings = {
      key,
      partSizeBytes: LEAST_PART_BYTES,
      options: { contentType: "application/gzip" },
      note: (uploadId: string | null) => run.remember(uploadId === null ? undefined : { uploadKey: key, uploadId }),
    };
    const parts = new PartWriter(
      store,
      checksums,
      sum,
      settings,
      run.signal,
      state && {
        uploadId: state.uploadId,
        sizeBytes: state.bytes,
        parts: state.parts.length,
        rest: carry ?? new Uint8Array(),
      },
    );
    return new ManifestWriter(context, head, run, key, state, sum, gzip, parts);
  }

  /** Gives the parts back. */
  async abort(): Promise<void> {
    await this.parts.abort();
  }

  async write(): Promise<WrittenManifest | undefined> {
    const { session } = this.context;
    const { recoveryPoint, signal } = this.run;
    for (let list = this.state?.list ?? 0; list < MANIFEST_LISTS.length; list++) {
      const name = MANIFEST_LISTS[list];
      const ends = await readListEnds(session, name, recoveryPoint, signal);
      let from = this.state?.list === list ? this.state.from : 0;
      if (from === 0) {
        await this.#add(this.#encoder.encode(textBefore(name, this.head) + (ends ? "\n" : "")));
        from = ends?.first ?? 1;
      }
      for (; ends && from <= ends.last; from += PAGE_ROWS) {
        if (this.context.budget.spent()) return void await this.#leave(list, from);
        for await (const block of listLines(session, name, recoveryPoint, from, ends.last, signal)) {
          this.context.budget.spend(block.length);
          await this.#add(block);
        }
      }
    }
    await this.#add(this.#encoder.encode(TEXT_AFTER));
    return await this.#finish();
  }

  async #add(text: Uint8Array): Promise<void> {
    await this.#piece.write(text, (piece) => this.#compress(piece));
  }

  async #compress(piece: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.parts.write(await this.gzip.add(piece));
  }

  /** Checkpoint for the next invocation. Left out where another one closes the point by now. */
  async #leave(list: number, from: number): Promise<void> {
    await this.#piece.flush((piece) => this.#compress(piece));
    const { uploadId, sizeBytes } = this.parts.position;
    const state: MediaManifestState = {
      uploadId,
      parts: [...this.state?.parts ?? [], ...this.parts.parts],
      list,
      from,
      bytes: sizeBytes,
      sha256State: this.sum.save(),
      gzip: this.gzip.save(),
    };
    await this.context.session.query(
      "select lifeboat.checkpoint_media_manifest($1, $2, $3, $4)",
      [this.run.recoveryPoint, this.context.finisher, JSON.stringify(state), this.parts.rest],
      this.run.signal,
    );
  }

  async #finish(): Promise<WrittenManifest> {
    await this.#piece.flush((piece) => this.#compress(piece));
    const end = this.gzip.end();
    await this.parts.write(end);
    try {
      const { sha256 } = await this.parts.finish(() => this.run.confirm(), this.state?.parts);
      return { key: this.key, bytes: this.parts.sizeBytes, checksum: `sha256:${sha256}` };
    } catch (error) {
      if (!hasCode(error, "store_precondition_failed")) throw error;
      await this.abort();
      return await adoptManifest(this.context, this.key, end.subarray(2), this.run.signal);
    }
  }
}

/** Where the last invocation stood, and the bytes of its unfinished part. */
async function readCarried(
  session: Session,
  { recoveryPoint, signal }: Run,
): Promise<{ readonly state?: MediaManifestState; readonly carry?: Uint8Array<ArrayBuffer> }> {
  const point = `recovery_point = ${quoteLiteral(recoveryPoint)}`;
  for (;;) {
    const [row] = await session.query<
      { manifest: unknown; steps: number; carries: boolean }
    >(
      "select manifest, steps, manifest_carry is not null as carries from lifeboat.media_points where recovery_point = $1",
      [recoveryPoint],
      signal,
    );
    const manifest = readAnswer(mediaManifestState.nullable(), row.manifest, "media_points.manifest");
    if (!manifest) return {};
    if (!row.carries) return { state: manifest };
    const select = `select manifest_carry from lifeboat.media_points where ${point} and steps = ${Number(row.steps)}`;
    const carry = await readBytea(session, select, signal);
    if (carry) return { state: manifest, carry };
    // Somebody has come further in between: one's state with another's bytes would make a file that nobody can read.
  }
}

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
import type { MultipartUpload, ObjectStore, PutOptions, StoredObject, UploadedPart } from "../store/object_store.ts";
import { openNotedUpload } from "../store/open_noted_upload.ts";
import { adoptManifest, type WrittenManifest } from "./adopt_manifest.ts";
import { GzipPieces } from "./gzip_pieces.ts";
import { listLines, manifestLists, pageRows, readListEnds, textAfter, textBefore } from "./manifest_text.ts";
import type { MediaManifestHead } from "../format/media_manifest.ts";

export interface ManifestContext {
  readonly session: Session;
  readonly store: ObjectStore;
  readonly checksums: Checksums;
  readonly compressor: PieceCompressor;
  readonly budget: Budget;
  /** The invocation that has the right to close the point (`claimClosing`). */
  readonly finisher: string;
}

const options: PutOptions = { contentType: "application/gzip" };
/** The least that S3 takes of a part that is not the last. */
const partBytes = 5 * 1024 * 1024;
/** Text that is compressed at once. */
const pieceBytes = 512 * 1024;

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
  readonly #piece = new Uint8Array(pieceBytes);
  readonly #part = new Uint8Array(partBytes);
  #pieceUsed = 0;
  #partUsed = 0;
  #upload: MultipartUpload | undefined;
  #parts: UploadedPart[];
  #bytes: number;

  private constructor(
    private readonly context: ManifestContext,
    private readonly head: MediaManifestHead,
    private readonly run: Run,
    private readonly key: string,
    private readonly state: MediaManifestState | undefined,
    private readonly sum: ResumableChecksum,
    private readonly gzip: GzipPieces,
  ) {
    this.#parts = [...state?.parts ?? []];
    this.#bytes = state?.bytes ?? 0;
  }

  static async open(context: ManifestContext, head: MediaManifestHead, run: Run): Promise<ManifestWriter> {
    const { session, checksums, compressor, store } = context;
    const { state, carry } = await readCarried(session, run);
    const key = mediaManifestKey(head.project, head.recoveryPoint);
    const writer = new ManifestWriter(
      context,
      head,
      run,
      key,
      state,
      await checksums.resumableSha256(state?.sha256State),
      await GzipPieces.open(checksums, compressor, state?.gzip),
    );
    if (carry) {
      writer.#part.set(carry);
      writer.#partUsed = carry.length;
    }
    if (state?.uploadId) {
      writer.#upload = await store.openUpload(key, { ...options, uploadId: state.uploadId }, run.signal);
    }
    return writer;
  }

  /** Gives the parts back. */
  async abort(): Promise<void> {
    await this.#upload?.abort(this.run.signal);
  }

  async write(): Promise<WrittenManifest | undefined> {
    const { session } = this.context;
    const { recoveryPoint, signal } = this.run;
    for (let list = this.state?.list ?? 0; list < manifestLists.length; list++) {
      const name = manifestLists[list];
      const ends = await readListEnds(session, name, recoveryPoint, signal);
      let from = this.state?.list === list ? this.state.from : 0;
      if (from === 0) {
        await this.#add(this.#encoder.encode(textBefore(name, this.head) + (ends ? "\n" : "")));
        from = ends?.first ?? 1;
      }
      for (; ends && from <= ends.last; from += pageRows) {
        if (this.context.budget.spent()) return void await this.#leave(list, from);
        for await (const block of listLines(session, name, recoveryPoint, from, ends.last, signal)) {
          this.context.budget.spend(block.length);
          await this.#add(block);
        }
      }
    }
    await this.#add(this.#encoder.encode(textAfter));
    return await this.#finish();
  }

  async #add(block: Uint8Array<ArrayBuffer>): Promise<void> {
    for (let offset = 0; offset < block.length;) {
      if (this.#pieceUsed === this.#piece.length) await this.#compress();
      const taken = Math.min(block.length - offset, this.#piece.length - this.#pieceUsed);
      this.#piece.set(block.subarray(offset, offset + taken), this.#pieceUsed);
      this.#pieceUsed += taken;
      offset += taken;
    }
  }

  async #compress(): Promise<void> {
    if (this.#pieceUsed === 0) return;
    const bytes = await this.gzip.add(this.#piece.subarray(0, this.#pieceUsed));
    this.#pieceUsed = 0;
    await this.#store(bytes);
  }

  async #store(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.sum.update(bytes);
    this.#bytes += bytes.length;
    for (let offset = 0; offset < bytes.length;) {
      if (this.#partUsed === this.#part.length) await this.#send();
      const taken = Math.min(bytes.length - offset, this.#part.length - this.#partUsed);
      this.#part.set(bytes.subarray(offset, offset + taken), this.#partUsed);
      this.#partUsed += taken;
      offset += taken;
    }
  }

  async #send(): Promise<void> {
    const { signal } = this.run;
    this.#upload ??= await openNotedUpload(
      this.context.store,
      this.key,
      options,
      (uploadId) => this.run.remember({ uploadKey: this.key, uploadId }),
      signal,
    );
    const part = this.#part.subarray(0, this.#partUsed);
    this.#parts.push(await this.#upload.putPart(this.#parts.length + 1, part, signal));
    this.#partUsed = 0;
  }

  /** Checkpoint for the next invocation. Left out where another one closes the point by now. */
  async #leave(list: number, from: number): Promise<void> {
    await this.#compress();
    const state: MediaManifestState = {
      uploadId: this.#upload?.uploadId ?? null,
      parts: this.#parts,
      list,
      from,
      bytes: this.#bytes,
      sha256State: this.sum.save(),
      gzip: this.gzip.save(),
    };
    await this.context.session.query(
      "select lifeboat.checkpoint_media_manifest($1, $2, $3, $4)",
      [this.run.recoveryPoint, this.context.finisher, JSON.stringify(state), this.#part.subarray(0, this.#partUsed)],
      this.run.signal,
    );
  }

  async #finish(): Promise<WrittenManifest> {
    await this.#compress();
    const end = this.gzip.end();
    await this.#store(end);
    const written = { key: this.key, bytes: this.#bytes, checksum: `sha256:${this.sum.hex()}` };
    try {
      await this.#makeVisible();
    } catch (error) {
      if (!hasCode(error, "store_precondition_failed")) throw error;
      await this.abort();
      return await adoptManifest(this.context, this.key, end.subarray(2), this.run.signal);
    }
    return written;
  }

  async #makeVisible(): Promise<StoredObject> {
    const { store } = this.context;
    const { signal } = this.run;
    if (!this.#upload) {
      await this.run.confirm();
      const content = this.#part.subarray(0, this.#partUsed);
      return await store.put(this.key, content, { ...options, ifNoneMatch: true }, signal);
    }
    await this.#send();
    await this.run.confirm();
    return await this.#upload.complete(this.#parts, { ifNoneMatch: true }, signal);
  }
}

/** Where the last invocation stood, and the bytes of its unfinished part. */
async function readCarried(
  session: Session,
  { recoveryPoint, signal }: Run,
): Promise<{ readonly state?: MediaManifestState; readonly carry?: Uint8Array<ArrayBuffer> }> {
  const point = `recovery_point = '${recoveryPoint.replaceAll("'", "''")}'`;
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

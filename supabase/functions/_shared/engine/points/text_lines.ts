/** A media manifest is not what Lifeboat writes. */
export class MediaManifestDamage extends Error {}

const NEWLINE = 10;

/** The lines of a decompressed manifest, each ended by a line feed. Throws MediaManifestDamage. */
export class TextLines {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #block: Uint8Array = new Uint8Array();
  #at = 0;
  /** The beginning of a line that goes on in the next block. */
  #beginning: Uint8Array[] = [];

  constructor(text: ReadableStream<Uint8Array>) {
    this.#reader = text.getReader();
  }

  /** Undefined behind the last line. */
  async next(): Promise<string | undefined> {
    const line = await this.#nextBytes();
    try {
      return line && this.#decoder.decode(line);
    } catch (cause) {
      throw new MediaManifestDamage("it holds a line that is not UTF-8", { cause });
    }
  }

  /** Passes lines without decoding them: a worker that goes on with a long manifest has passed most of it before. */
  async skip(lines: number): Promise<void> {
    for (let left = lines; left > 0; left--) {
      if (!await this.#nextBytes()) throw new MediaManifestDamage("its end is missing");
    }
  }

  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }

  async #nextBytes(): Promise<Uint8Array | undefined> {
    for (;;) {
      const end = this.#block.indexOf(NEWLINE, this.#at);
      if (end >= 0) {
        const line = this.#block.subarray(this.#at, end);
        this.#at = end + 1;
        return this.#beginning.length === 0 ? line : this.#withBeginning(line);
      }
      if (this.#at < this.#block.length) this.#beginning.push(this.#block.subarray(this.#at));
      this.#at = 0;
      this.#block = await this.#read() ?? new Uint8Array();
      if (this.#block.length > 0) continue;
      if (this.#beginning.length > 0) throw new MediaManifestDamage("it ends in the middle of a line");
      return undefined;
    }
  }

  #withBeginning(rest: Uint8Array): Uint8Array {
    const pieces = [...this.#beginning, rest];
    this.#beginning = [];
    const line = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of pieces) {
      line.set(piece, at);
      at += piece.length;
    }
    return line;
  }

  /** Undefined at the end of the stream. */
  async #read(): Promise<Uint8Array | undefined> {
    for (;;) {
      let result;
      try {
        result = await this.#reader.read();
      } catch (cause) {
        throw new MediaManifestDamage(`it cannot be decompressed (${cause instanceof Error ? cause.message : cause})`);
      }
      if (result.done) return undefined;
      if (result.value.length > 0) return result.value;
    }
  }
}

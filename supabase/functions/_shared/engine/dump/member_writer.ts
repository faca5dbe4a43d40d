import type { Checksums } from "../checksum.ts";
import type { Compressor } from "../compression.ts";
import type { DumpMember } from "../../contract/mod.ts";

/** Where compressed members go. */
export interface ByteSink {
  readonly sizeBytes: number;
  write(bytes: Uint8Array): Promise<void>;
}

/** A member is cut once it holds this much JSON: small enough to fetch for one table, large enough to compress well. */
const MEMBER_RAW_BYTES = 4 * 1024 * 1024;

/**
 * Cuts the document into gzip members and keeps their index. Concatenated members are one valid gzip file, and each
 * decompresses on its own, so that one table can be read by a Range request.
 */
export class MemberWriter {
  readonly members: DumpMember[] = [];
  readonly #sink: ByteSink;
  readonly #compressor: Compressor;
  readonly #checksums: Checksums;
  #blocks: Uint8Array<ArrayBuffer>[] = [];
  #rawLength = 0;
  #rows = 0;
  #table: string | null = null;

  constructor(sink: ByteSink, compressor: Compressor, checksums: Checksums) {
    this.#sink = sink;
    this.#compressor = compressor;
    this.#checksums = checksums;
  }

  /** Cuts, and says to which table the bytes that follow belong (null: head or tail of the document). */
  async begin(table: string | null): Promise<void> {
    await this.cut();
    this.#table = table;
  }

  /**
   * Adds bytes that hold `rows` whole rows, and before them a separator; cuts first if they would not fit. The bytes are
   * kept until the member is cut and may not be changed meanwhile.
   */
  async write(bytes: Uint8Array<ArrayBuffer>, rows = 0, separator?: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.#rawLength > 0 && this.#rawLength + bytes.length > MEMBER_RAW_BYTES) await this.cut();
    if (separator) this.#add(separator);
    this.#add(bytes);
    this.#rows += rows;
  }

  #add(bytes: Uint8Array<ArrayBuffer>): void {
    this.#blocks.push(bytes);
    this.#rawLength += bytes.length;
  }

  /** Ends the current member, if it holds anything. */
  async cut(): Promise<void> {
    if (this.#rawLength === 0) return;
    const compressed = await this.#compressor.gzip(this.#blocks);
    const sha256 = this.#checksums.sha256();
    sha256.update(compressed);
    this.members.push({
      offset: this.#sink.sizeBytes,
      length: compressed.length,
      rawLength: this.#rawLength,
      sha256: sha256.hex(),
      table: this.#table,
      rows: this.#rows,
      cipher: null,
    });
    this.#blocks = [];
    this.#rawLength = 0;
    this.#rows = 0;
    await this.#sink.write(compressed);
  }
}

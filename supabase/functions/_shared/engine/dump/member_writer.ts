import type { Checksums } from "../checksum.ts";
import type { Compressor } from "../compression.ts";
import type { DumpMember } from "../../contract/mod.ts";

/** Where compressed members go. */
export interface ByteSink {
  readonly sizeBytes: number;
  write(bytes: Uint8Array): Promise<void>;
}

/** A member is cut once it holds this much JSON: small enough to fetch for one table, large enough to compress well. */
const MEMBER_RAW_BYTES = 2 * 1024 * 1024;
/** A separator belongs to the member before, however full that is. */
const LONGEST_SEPARATOR = 16;
const NOTHING: Uint8Array = new Uint8Array(0);

/**
 * Cuts the document into gzip members and keeps their index. Concatenated members are one valid gzip file, and each
 * decompresses on its own, so that one table can be read by a Range request.
 */
export class MemberWriter {
  readonly members: DumpMember[] = [];
  readonly #sink: ByteSink;
  readonly #compressor: Compressor;
  readonly #checksums: Checksums;
  /** One buffer for all members. */
  readonly #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(MEMBER_RAW_BYTES + LONGEST_SEPARATOR);
  #rawLength = 0;
  #rows = 0;
  #table: string | null = null;
  /** Members that are compressed or written, in their order; each waits for the one before. */
  readonly #underWay: Promise<void>[] = [];

  constructor(sink: ByteSink, compressor: Compressor, checksums: Checksums) {
    this.#sink = sink;
    this.#compressor = compressor;
    this.#checksums = checksums;
  }

  /** Cuts, and says to which table the bytes that follow belong (null: head or tail of the document). */
  async begin(table: string | null): Promise<void> {
    await this.#cut();
    this.#table = table;
  }

  /**
   * Adds a copy of bytes that hold `rows` whole rows, and before them a separator; cuts in between if they would not fit.
   * Bytes larger than a member become one of their own, without a copy: they may be all that memory has room for.
   */
  async write(bytes: Uint8Array<ArrayBuffer>, rows = 0, separator = NOTHING): Promise<void> {
    this.#add(separator);
    if (this.#rawLength + bytes.length > MEMBER_RAW_BYTES) await this.#cut();
    if (bytes.length > MEMBER_RAW_BYTES) return await this.#store(bytes, rows);
    this.#add(bytes);
    this.#rows += rows;
  }

  /** Ends the current member, if it holds anything, and returns when all of them are written. */
  async cut(): Promise<void> {
    await this.#cut();
    while (this.#underWay.length > 0) await this.#underWay.shift();
  }

  async #cut(): Promise<void> {
    if (this.#rawLength === 0) return;
    const rows = this.#rows;
    const bytes = this.#buffer.subarray(0, this.#rawLength);
    this.#rawLength = 0;
    this.#rows = 0;
    await this.#store(bytes, rows);
  }

  #add(bytes: Uint8Array): void {
    this.#buffer.set(bytes, this.#rawLength);
    this.#rawLength += bytes.length;
  }

  /** Returns when the bytes may be used again and the next member may follow. */
  async #store(bytes: Uint8Array<ArrayBuffer>, rows: number): Promise<void> {
    const table = this.#table;
    const compressed = this.#compressor.gzip(bytes);
    const written = this.#write(this.#underWay.at(-1), compressed, { rawLength: bytes.length, table, rows });
    // The failure is thrown where the member is awaited. Until then it must not end the process as an unhandled rejection.
    written.catch(() => {});
    compressed.catch(() => {});
    this.#underWay.push(written);
    if (this.#underWay.length >= (this.#compressor.atOnce ?? 1)) await this.#underWay.shift();
  }

  async #write(
    before: Promise<void> | undefined,
    compressed: Promise<Uint8Array<ArrayBuffer>>,
    member: Pick<DumpMember, "rawLength" | "table" | "rows">,
  ): Promise<void> {
    await before;
    const bytes = await compressed;
    const sha256 = this.#checksums.sha256();
    sha256.update(bytes);
    this.members.push({
      offset: this.#sink.sizeBytes,
      length: bytes.length,
      rawLength: member.rawLength,
      sha256: sha256.hex(),
      table: member.table,
      rows: member.rows,
      cipher: null,
    });
    await this.#sink.write(bytes);
  }
}

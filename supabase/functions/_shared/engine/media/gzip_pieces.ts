import type { Checksums, ResumableChecksum } from "../checksum.ts";
import type { PieceCompressor } from "../compression.ts";

/** Where a gzip file stands that is written by several invocations. Plain JSON. */
export interface GzipState {
  readonly crc32State: string;
  readonly rawBytes: number;
}

/** RFC 1952: deflate, no flags, no time, written on Unix. */
const HEADER = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];

/** One gzip member written by several invocations, so that every gzip reader takes it. */
export class GzipPieces {
  private constructor(
    private readonly compressor: PieceCompressor,
    private readonly crc32: ResumableChecksum,
    private rawBytes: number,
  ) {}

  static async open(checksums: Checksums, compressor: PieceCompressor, state?: GzipState): Promise<GzipPieces> {
    return new GzipPieces(compressor, await checksums.resumableCrc32(state?.crc32State), state?.rawBytes ?? 0);
  }

  /** The next bytes of the file. */
  async add(raw: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const isFirst = this.rawBytes === 0;
    this.crc32.update(raw);
    this.rawBytes += raw.length;
    const piece = await this.compressor.deflatePiece(raw);
    if (!isFirst) return piece;
    const bytes = new Uint8Array(HEADER.length + piece.length);
    bytes.set(HEADER);
    bytes.set(piece, HEADER.length);
    return bytes;
  }

  save(): GzipState {
    return { crc32State: this.crc32.save(), rawBytes: this.rawBytes };
  }

  /** An empty last block, and the eight bytes that say of how many bytes with which CRC-32 the file is made. */
  end(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(10);
    bytes.set([3, 0]);
    const view = new DataView(bytes.buffer);
    view.setUint32(2, parseInt(this.crc32.hex(), 16), true);
    view.setUint32(6, this.rawBytes % 2 ** 32, true);
    return bytes;
  }
}

/**
 * What looking costs in CPU, in bytes of JSON whose check takes as long: a member's JSON is unpacked, parsed, and hashed row
 * by row, so reading a byte of a file costs a fraction of it (docs/PERFORMANCE.md).
 */
export const WORK = {
  /** A HEAD or GET request. */
  request: 16 * 1024,
  /** One byte that is read and hashed. */
  readByte: 1 / 8,
  /** One file of a media manifest, with its share of a page of the listing. */
  listedFile: 512,
  /** One stored copy that is compared with the bookkeeping: its share of a page, and its row in the database. */
  comparedCopy: 1024,
  /** One byte of a media manifest as it is stored, which each invocation unpacks from its beginning. */
  manifestByte: 1 / 4,
} as const;

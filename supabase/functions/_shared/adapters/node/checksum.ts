import { createHash } from "node:crypto";
import type { Checksum, Checksums } from "../../engine/checksum.ts";
import { resumableCrc32, resumableSha256 } from "./resumable_checksum.ts";

function nodeChecksum(algorithm: "sha256" | "md5"): Checksum {
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest("hex") };
}

/** Incremental SHA-256 and MD5 from `node:crypto`, which Deno implements natively. */
export const nodeChecksums = {
  sha256: () => nodeChecksum("sha256"),
  md5: () => nodeChecksum("md5"),
  resumableSha256,
  resumableCrc32,
} satisfies Checksums;

/**
 * Checksums for a process that ends only with its work and so need not store the state of a SHA-256. That SHA-256 is
 * computed without WebAssembly, which takes eight times the CPU on a current Deno (docs/PERFORMANCE.md), unless a
 * stored state has to be resumed.
 */
export const lastingChecksums: Checksums = {
  ...nodeChecksums,
  async resumableSha256(state) {
    return state === undefined ? { ...nodeChecksum("sha256"), save: () => "" } : await resumableSha256(state);
  },
};

import { createHash } from "node:crypto";
import type { Checksum, Checksums } from "../engine/checksum.ts";
import { resumableCrc32, resumableSha256 } from "./resumable_checksum.ts";

function nodeChecksum(algorithm: "sha256" | "md5"): Checksum {
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest("hex") };
}

/** Incremental SHA-256 and MD5 from `node:crypto`, which Deno implements natively. */
export const nodeChecksums: Checksums = {
  sha256: () => nodeChecksum("sha256"),
  md5: () => nodeChecksum("md5"),
  resumableSha256,
  resumableCrc32,
};

import { createSHA256 } from "hash-wasm";
import type { ResumableChecksum } from "../engine/checksum.ts";

/** Incremental SHA-256 whose state can be stored, which `node:crypto` has not: WebAssembly, as fast as it on Deno 2.1.4. */
export async function resumableSha256(state?: string): Promise<ResumableChecksum> {
  const hash = await createSHA256();
  if (state !== undefined) hash.load(Uint8Array.from(atob(state), (character) => character.charCodeAt(0)));
  return {
    update: (bytes) => void hash.update(bytes),
    hex: () => hash.digest("hex"),
    save: () => btoa(String.fromCharCode(...hash.save())),
  };
}

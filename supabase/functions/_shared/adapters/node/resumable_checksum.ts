import type { IHasher } from "hash-wasm";
import type { ResumableChecksum } from "../../engine/checksum.ts";

/** SHA-256 whose state can be stored, which `node:crypto` cannot do. WebAssembly, equally fast on Deno 2.1.4. */
export async function resumableSha256(state?: string): Promise<ResumableChecksum> {
  const { createSHA256 } = await import("hash-wasm");
  return resumed(await createSHA256(), state);
}

/** CRC-32 by WebAssembly, because `crc32` of `node:zlib` fails on Deno 2.1.4 ("isArrayBufferView is not defined"). */
export async function resumableCrc32(state?: string): Promise<ResumableChecksum> {
  const { createCRC32 } = await import("hash-wasm");
  return resumed(await createCRC32(), state);
}

function resumed(hash: IHasher, state: string | undefined): ResumableChecksum {
  if (state !== undefined) hash.load(Uint8Array.from(atob(state), (character) => character.charCodeAt(0)));
  return {
    update: (bytes) => void hash.update(bytes),
    hex: () => hash.digest("hex"),
    save: () => btoa(String.fromCharCode(...hash.save())),
  };
}

import type { DumpManifest } from "../../../supabase/functions/_shared/contract/mod.ts";
import {
  BackupDamage,
  type DumpName,
  type MemberTools,
  type PlacedMember,
  unpackMember,
} from "../../../supabase/functions/_shared/engine/format/member.ts";
import { PageError } from "../../lib/page-error.ts";

/**
 * The dump as plain JSON. `DecompressionStream` stops after the first gzip member, so the bytes are cut as the manifest
 * says, and each member is checked and decompressed alone. Memory holds one member.
 */
export async function* plainJson(
  dump: ReadableStream<Uint8Array<ArrayBuffer>>,
  manifest: DumpName & Pick<DumpManifest, "members">,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = dump.getReader();
  let rest = new Uint8Array(0);
  try {
    for (const [index, member] of manifest.members.entries()) {
      const bytes = new Uint8Array(member.length);
      let filled = 0;
      while (filled < bytes.length) {
        if (rest.length === 0) {
          const { done, value } = await reader.read();
          if (done) throw damaged(`ends in piece ${index + 1} of ${manifest.members.length}`);
          rest = value;
        }
        const taken = rest.subarray(0, bytes.length - filled);
        bytes.set(taken, filled);
        filled += taken.length;
        rest = rest.subarray(taken.length);
      }
      yield await unpack(manifest, { member, index }, bytes);
    }
    if (rest.length > 0 || !(await reader.read()).done) throw damaged("is longer than its manifest says");
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function unpack(manifest: DumpName, placed: PlacedMember, bytes: Uint8Array<ArrayBuffer>) {
  try {
    return await unpackMember(TOOLS, manifest, placed, bytes);
  } catch (error) {
    throw error instanceof BackupDamage ? damaged(`differs from its manifest in piece ${placed.index + 1}`) : error;
  }
}

/** The browser's tools. `DecompressionStream` refuses bytes after a member, so it is stopped at the member's length. */
const TOOLS: MemberTools = {
  async sha256(bytes) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  },
  async gunzip(bytes, rawLength) {
    const raw = new Uint8Array(rawLength);
    let filled = 0;
    for await (const piece of new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))) {
      if (filled + piece.length > rawLength) throw new Error(`more than ${rawLength} bytes`);
      raw.set(piece, filled);
      filled += piece.length;
    }
    return raw.subarray(0, filled);
  },
};

function damaged(how: string): PageError {
  return new PageError({
    code: "dump_damaged",
    message: `The stored dump ${how}.`,
    hint: "Verify this recovery point, and use another one until it is whole.",
  });
}

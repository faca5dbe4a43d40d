import type { DumpManifest } from "../../../supabase/functions/_shared/contract/mod.ts";
import { PageError } from "../../lib/page-error.ts";

type Member = DumpManifest["members"][number];

/**
 * The dump as plain JSON. It is a sequence of gzip members, and `DecompressionStream` stops after the first: so the bytes
 * are cut where the manifest says, and each member is checked and decompressed on its own. Memory: one member.
 */
export async function* plainJson(
  dump: ReadableStream<Uint8Array<ArrayBuffer>>,
  members: readonly Member[],
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = dump.getReader();
  let rest = new Uint8Array(0);
  try {
    for (const [index, member] of members.entries()) {
      const bytes = new Uint8Array(member.length);
      let filled = 0;
      while (filled < bytes.length) {
        if (rest.length === 0) {
          const { done, value } = await reader.read();
          if (done) throw damaged(`ends in piece ${index + 1} of ${members.length}`);
          rest = value;
        }
        const taken = rest.subarray(0, bytes.length - filled);
        bytes.set(taken, filled);
        filled += taken.length;
        rest = rest.subarray(taken.length);
      }
      if (await sha256(bytes) !== member.sha256) throw damaged(`differs from its manifest in piece ${index + 1}`);
      yield await decompress(bytes);
    }
    if (rest.length > 0 || !(await reader.read()).done) throw damaged("is longer than its manifest says");
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function decompress(member: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([member]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function damaged(how: string): PageError {
  return new PageError({
    code: "dump_damaged",
    message: `The stored dump ${how}.`,
    hint: "Verify this recovery point, and use another one until it is whole.",
  });
}

import { strictEqual } from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { nodeChecksums } from "../../adapters/node/checksum.ts";
import { nodeGzip } from "../../adapters/node/gzip.ts";
import { GzipPieces, type GzipState } from "./gzip_pieces.ts";

Deno.test("pieces of several invocations are one gzip member that zlib and the web read", async () => {
  const blocks: Uint8Array<ArrayBuffer>[] = [];
  let state: GzipState | undefined;
  let text = "";
  for (let piece = 0; piece < 5; piece++) {
    const pieces = await GzipPieces.open(nodeChecksums, nodeGzip, state);
    for (let line = 0; line < 3; line++) {
      const raw = new TextEncoder().encode(`line ${line} é\n`.repeat(1_000 * piece + 1));
      text += new TextDecoder().decode(raw);
      blocks.push(await pieces.add(raw));
    }
    state = JSON.parse(JSON.stringify(pieces.save()));
  }
  blocks.push((await GzipPieces.open(nodeChecksums, nodeGzip, state)).end());
  const file = await new Blob(blocks).arrayBuffer();
  strictEqual(gunzipSync(new Uint8Array(file)).toString(), text);
  const web = new Blob([file]).stream().pipeThrough(new DecompressionStream("gzip"));
  strictEqual(await new Response(web).text(), text);
});

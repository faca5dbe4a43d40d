import { gunzipSync, gzipSync } from "node:zlib";
import { nodeChecksums } from "../../supabase/functions/_shared/adapters/node/checksum.ts";
import type { DumpManifest } from "../../supabase/functions/_shared/contract/mod.ts";
import {
  documentHead,
  documentTail,
  tableHead,
  tableTail,
} from "../../supabase/functions/_shared/engine/format/dump_document.ts";
import { dumpKey, mediaManifestKey } from "../../supabase/functions/_shared/engine/format/keys.ts";
import type { MemberTools } from "../../supabase/functions/_shared/engine/format/member.ts";

export const FOUND = { project: "sample", recoveryPoint: "2026-11-21T02-17-00Z" };

export const TOOLS: MemberTools = {
  sha256(bytes) {
    const sum = nodeChecksums.sha256();
    sum.update(bytes);
    return sum.hex();
  },
  gunzip: (bytes, maxOutputLength) =>
    new Promise((resolve) => resolve(new Uint8Array(gunzipSync(bytes, { maxOutputLength })))),
};

const description = (name: string): Omit<DumpManifest["tables"][number], "rows" | "rawBytes" | "bytes" | "digest"> => ({
  schema: "public",
  name,
  kind: "table",
  loadOrder: 0,
  primaryKey: ["id"],
  columns: [{ name: "id", type: "integer", encoding: "number", notNull: true, generated: null, inRows: true }],
});

/** A dump of two tables, of which the first has two members, with its manifest. */
export function sampleDump(): { readonly manifest: DumpManifest; readonly members: Uint8Array<ArrayBuffer>[] } {
  const source = { serverVersion: "18.0", serverVersionNumber: 180000, encoding: "UTF8" };
  const head = documentHead({
    ...FOUND,
    ...{ snapshotAt: "2026-11-21T02:17:00Z", source, edgeFunctions: [], secretNames: [] },
    schema: { statements: [], sequences: [] },
  });
  const parts: [text: string, table: string | null, rows: number][] = [
    [head, null, 0],
    [tableHead("books", description("books")) + '{"id":1},\n{"id":2}', "books", 2],
    [',\n{"id":3}' + tableTail(false), "books", 1],
    [tableHead("notes", description("notes")) + '{"id":4}' + tableTail(true), "notes", 1],
    [documentTail([]), null, 0],
  ];
  const bytes = parts.map(([text]) => Uint8Array.from(gzipSync(text)));
  let offset = 0;
  const members = parts.map(([text, table, rows], index) => {
    const member = {
      ...{ offset, length: bytes[index].length, rawLength: new TextEncoder().encode(text).length },
      ...{ sha256: TOOLS.sha256(bytes[index]) as string, table, rows, cipher: null },
    };
    offset += member.length;
    return member;
  });
  const sum = nodeChecksums.sha256();
  for (const { sha256 } of members) sum.update(Uint8Array.from(sha256.match(/../g)!, (hex) => parseInt(hex, 16)));
  const table = (name: string, rows: number) => ({ ...description(name), rows, rawBytes: 0, bytes: 0, digest: "0" });
  return {
    members: bytes,
    manifest: {
      ...{ format: "lifeboat-manifest", formatVersion: 1, ...FOUND, runId: "00000000-0000-4000-8000-000000000000" },
      ...{ snapshotAt: "2026-11-21T02:17:00Z", finishedAt: "2026-11-21T02:18:00Z", source, ledger: [], members },
      dump: {
        ...{ key: dumpKey(FOUND.project, FOUND.recoveryPoint), sizeBytes: offset, etag: "e", versionId: null },
        ...{ rawBytes: members.reduce((bytes, { rawLength }) => bytes + rawLength, 0), sha256: null },
        membersSha256: sum.hex(),
      },
      mediaManifestKey: mediaManifestKey(FOUND.project, FOUND.recoveryPoint),
      tables: [table("books", 3), table("notes", 1)],
    },
  };
}

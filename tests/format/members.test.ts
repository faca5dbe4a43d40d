import { deepStrictEqual, rejects, throws } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { checkDocumentTail, readDocumentHead } from "../../supabase/functions/_shared/engine/format/document_ends.ts";
import { BackupDamage, unpackMember } from "../../supabase/functions/_shared/engine/format/member.ts";
import { cutRows, eachRow } from "../../supabase/functions/_shared/engine/format/rows.ts";
import { sampleDump, TOOLS } from "./sample_dump.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const damage = (kind: string, reason: RegExp) => (error: unknown) =>
  error instanceof BackupDamage && error.damage === kind && reason.test(error.reason);

function placed(index: number) {
  const { manifest, members } = sampleDump();
  return { manifest, place: { member: manifest.members[index], index }, stored: members[index] };
}

async function raw(index: number): Promise<Uint8Array<ArrayBuffer>> {
  const { manifest, place, stored } = placed(index);
  return await unpackMember(TOOLS, manifest, place, stored);
}

Deno.test("the rows of a table are those that were written, member by member", async () => {
  const rows: string[] = [];
  for (const index of [1, 2, 3]) {
    const { manifest, place } = placed(index);
    const lines = cutRows(manifest, manifest.tables[index === 3 ? 1 : 0], place, await raw(index));
    for (const row of eachRow(lines)) rows.push(new TextDecoder().decode(row));
  }
  deepStrictEqual(rows, ['{"id":1}', '{"id":2}', '{"id":3}', '{"id":4}']);
});

Deno.test("a member that came short says so", async () => {
  const { manifest, place, stored } = placed(1);
  await rejects(
    unpackMember(TOOLS, manifest, place, stored.subarray(0, 20)),
    damage("checksum_differs", /20 bytes came/),
  );
});

Deno.test("other bytes that unpack to as much are given away by their SHA-256 alone", async () => {
  const { manifest, place } = placed(1);
  const pack = (text: string) => Uint8Array.from(gzipSync(text, { level: 0 }));
  const written = pack('{"id":1}');
  const other = pack('{"id":9}');
  const member = { length: written.length, rawLength: 8, sha256: TOOLS.sha256(written) as string };
  Object.assign(place.member, member);
  deepStrictEqual(await unpackMember(TOOLS, manifest, place, written), bytes('{"id":1}'));
  await rejects(unpackMember(TOOLS, manifest, place, other), damage("checksum_differs", /SHA-256/));
});

Deno.test("a member that holds less than it claims, or more, is damaged", async () => {
  for (const difference of [-1, 1]) {
    const { manifest, place, stored } = placed(1);
    place.member.rawLength += difference;
    await rejects(unpackMember(TOOLS, manifest, place, stored), damage("undecodable", /holds|cannot be decompressed/));
  }
});

Deno.test("a member without one of its rows, or without its end, is damaged", async () => {
  const { manifest, place } = placed(2);
  const whole = new TextDecoder().decode(await raw(2));
  throws(
    () => cutRows(manifest, manifest.tables[0], place, bytes(whole.replace(/.*\{"id":3\}/s, ""))),
    damage("count_differs", /holds 0 rows, not 1/),
  );
  throws(
    () => cutRows(manifest, manifest.tables[0], place, bytes(whole.replace("\n]},\n", ""))),
    damage("undecodable", /end of its table/),
  );
});

Deno.test("a member that describes another table is damaged", async () => {
  const { manifest, place } = placed(1);
  const other = bytes(new TextDecoder().decode(await raw(1)).replace("integer", "text"));
  throws(() => cutRows(manifest, manifest.tables[0], place, other), damage("undecodable", /another way/));
});

Deno.test("the head of another point's document is not this point's", async () => {
  const { manifest, place } = placed(0);
  deepStrictEqual(readDocumentHead(manifest, place, await raw(0)), { statements: [], sequences: [] });
  const other = { ...manifest, recoveryPoint: "2026-11-22T02-17-00Z" };
  const head = await raw(0);
  throws(() => readDocumentHead(other, place, head), damage("undecodable", /another recovery point/));
});

Deno.test("a tail that is no JSON is damaged", async () => {
  const { manifest, place } = placed(4);
  checkDocumentTail(manifest, place, await raw(4));
  throws(() => checkDocumentTail(manifest, place, bytes("}")), damage("undecodable", /not JSON/));
});

Deno.test("a gzip bomb takes no more memory than it claims", async () => {
  const { manifest, place } = placed(1);
  const bomb = Uint8Array.from(gzipSync(new Uint8Array(64 * 1024 * 1024)));
  Object.assign(place.member, { length: bomb.length, sha256: TOOLS.sha256(bomb), rawLength: 100 });
  await rejects(unpackMember(TOOLS, manifest, place, bomb), damage("undecodable", /cannot be decompressed/));
});

import { deepStrictEqual, ok } from "node:assert/strict";
import { nodeChecksums } from "../../supabase/functions/_shared/adapters/node/checksum.ts";
import type { DumpManifest } from "../../supabase/functions/_shared/contract/mod.ts";
import { manifestProblems } from "../../supabase/functions/_shared/engine/format/manifest_problems.ts";
import { edited, EDITED_MANIFESTS } from "../support/edited_manifests.ts";
import { FOUND, sampleDump } from "./sample_dump.ts";

const problemsOf = (manifest: DumpManifest) =>
  [...manifestProblems(manifest, FOUND, nodeChecksums)].map(({ code, reason }) => `${code}: it ${reason}`);

Deno.test("a manifest that Lifeboat wrote has no problem", () => {
  deepStrictEqual(problemsOf(sampleDump().manifest), []);
});

/** Edits that cause one problem each. All sums are made to fit, so that nothing else can be noticed. */
const EDITS: Readonly<Record<string, readonly [edit: (manifest: DumpManifest) => void, RegExp]>> = {
  ...EDITED_MANIFESTS,
  "another point's dump": [
    ({ dump }) => void (dump.key = "backups/other.json.gz"),
    /names backups\/other.json.gz as its dump/,
  ],
  "another point's media manifest": [
    (manifest) => void (manifest.mediaManifestKey = "x"),
    /names x as its media manifest/,
  ],
  "members that overlap": [({ members, dump }) => {
    for (const member of members.slice(1)) member.offset--;
    dump.sizeBytes--;
  }, /member 1 begins inside the one before it/],
  "a gap between members": [({ members, dump }) => {
    for (const member of members.slice(1)) member.offset++;
    dump.sizeBytes++;
  }, /1 bytes before member 1 belong to none/],
  "a table with fewer rows than its members": [({ tables }) => void tables[0].rows--, /2 rows, its members 3/],
  "a table twice": [({ tables }) => void tables.push(tables[0]), /names a table twice/],
  "a table without a digest": [({ tables }) => void (tables[0].digest = "?"), /table books has no digest/],
};

for (const [name, [edit, reason]] of Object.entries(EDITS)) {
  Deno.test(`a manifest with ${name} has that problem`, () => {
    const problems = problemsOf(edited(sampleDump().manifest, edit));
    ok(problems.some((problem) => reason.test(problem)), problems.join("\n"));
  });
}

Deno.test("members that were exchanged with their checksums are noticed by the sum over all of them", () => {
  const { manifest } = sampleDump();
  manifest.members[1].sha256 = "0".repeat(64);
  deepStrictEqual(problemsOf(manifest), [
    "manifest_damaged: it its members are not those that were written (membersSha256)",
  ]);
});

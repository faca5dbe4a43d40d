import { nodeChecksums } from "../../supabase/functions/_shared/adapters/node/checksum.ts";
import type { DumpManifest } from "../../supabase/functions/_shared/contract/mod.ts";

/** Edits of a manifest. All sums are made to fit, so that a reader can only notice the edit itself. */
export const EDITED_MANIFESTS: Readonly<Record<string, readonly [edit: (manifest: DumpManifest) => void, RegExp]>> = {
  "a table's members in two places": [({ members }) => {
    const place = members.findIndex(({ table }, index) => table !== null && members[index + 1]?.table === table);
    const after = members.findIndex(({ table }, index) => index > place && table !== members[place].table);
    // The last member of this table changes places with the first of the next one.
    const [one, other] = [members[after - 1], members[after]];
    members.splice(after - 1, 2, { ...other, offset: one.offset }, { ...one, offset: one.offset + other.length });
  }, /stand in two places/],
  "no head member": [({ members, tables }) => {
    members[0].table = members[1].table ?? tables[0].name;
  }, /does not begin with the head/],
  "rows counted outside of a table": [({ members }) => void members[0].rows++, /counts rows outside of a table/],
  "a negative row count": [({ members }) => {
    const place = members.findIndex(({ table }, index) => table !== null && members[index + 1]?.table === table);
    members[place + 1].rows += members[place].rows + 1;
    members[place].rows = -1;
  }, /has -1 rows/],
  "a member of 2 GiB": [({ members, dump }) => {
    dump.rawBytes += 2 ** 31 - members[1].rawLength;
    members[1].rawLength = 2 ** 31;
  }, /claims 2147483648 bytes/],
};

/** Applies an edit to a copy of the manifest, and computes the digest over the members again. */
export function edited(manifest: DumpManifest, edit: (manifest: DumpManifest) => void): DumpManifest {
  const copy = structuredClone(manifest) as DumpManifest;
  edit(copy);
  const sum = nodeChecksums.sha256();
  for (const { sha256 } of copy.members) sum.update(Uint8Array.from(sha256.match(/../g)!, (hex) => parseInt(hex, 16)));
  copy.dump.membersSha256 = sum.hex();
  return copy;
}

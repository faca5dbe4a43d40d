import { sha256OfStream } from "../checksum.ts";
import { r2InventoryKey } from "../format/keys.ts";
import type { MediaManifestHead } from "../format/media_manifest.ts";
import { headOrMissing } from "../store/head_or_missing.ts";
import type { VerifyContext } from "./verify_context.ts";
import { WORK } from "./work.ts";

/** What the damage lists call the inventory. */
const INVENTORY = "the R2 inventory";

/** The list of what lies in R2 is part of the point, though R2's bytes are not. Throws as the store does. */
export async function checkInventory(context: VerifyContext, { r2 }: MediaManifestHead): Promise<void> {
  const { dependencies, findings, budget, run } = context;
  if (!r2) return;
  const thing = { half: "media", key: r2InventoryKey(run.project, run.recoveryPoint), what: INVENTORY } as const;
  if (r2.key !== thing.key) {
    findings.add({ ...thing, code: "manifest_foreign", reason: `the media manifest names ${r2.key}` });
    return;
  }
  const info = await headOrMissing(dependencies.store, thing.key, undefined, run.signal);
  if (!info) {
    findings.add({ ...thing, code: "object_missing", reason: "the store says that it is not there" });
    return;
  }
  budget.spend(WORK.request + WORK.readByte * info.sizeBytes);
  const { body } = await dependencies.store.get(thing.key, {}, run.signal);
  if (`sha256:${await sha256OfStream(dependencies.checksums, body)}` === r2.checksum) findings.checked(thing);
  else {
    findings.add({ ...thing, code: "checksum_differs", reason: "its bytes are not those that were stored (SHA-256)" });
  }
}

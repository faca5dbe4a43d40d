import type { LedgerEntry } from "../../contract/mod.ts";
import type { DumpFrame } from "./dump_state.ts";

/** What no dump of a Supabase project can hold, said in every recovery point so that nobody learns it on the bad day. */
const PLATFORM_LEDGER: readonly LedgerEntry[] = [
  [
    "vault",
    "vault.secrets",
    "Secret values are encrypted with a root key that belongs to the old project; names are listed.",
  ],
  [
    "platform",
    "edge function source",
    "Not readable from inside the project; keep it in version control. Names are listed.",
  ],
  ["platform", "edge function secrets", "Values are never stored in a backup; names are listed."],
  ["platform", "project settings", "Auth providers, SMTP, custom domains and network rules live in the dashboard."],
  ["platform", "role passwords", "Not readable; roles are made again without one."],
  ["platform", "point-in-time recovery", "Changes between two recovery points are in Supabase's own WAL archive only."],
  ["platform", "analytics and vector buckets", "Not reachable through the Storage API."],
  ["schema", "managed schemas", "Tables of auth, storage, realtime and others are made by the new project itself."],
].map(([kind, identity, reason]) => ({ kind, identity, reason, severity: "expected" as const }));

/** The ledger of a whole dump, from that of its rows. */
export function wholeLedger(frame: DumpFrame, ofRows: readonly LedgerEntry[]): LedgerEntry[] {
  return [...frame.catalogue.ledger, ...ofRows, ...frame.schemaLedger, ...PLATFORM_LEDGER];
}

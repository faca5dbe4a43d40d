import { createColumnHelper } from "@tanstack/react-table";
import { ListChecksIcon } from "lucide-react";
import type { LedgerEntry } from "../../../supabase/functions/_shared/contract/mod.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { Badge } from "../../components/ui/badge.tsx";
import { DataTable, detailFeatures } from "./data-table.tsx";
import type { DetailTab } from "./detail-tabs.tsx";

const helper = createColumnHelper<typeof detailFeatures, LedgerEntry>();

const columns = helper.columns([
  helper.accessor("severity", {
    header: "Severity",
    cell: ({ getValue }) =>
      getValue() === "missing" ? <Badge variant="negative">Missing</Badge> : <Badge variant="outline">Expected</Badge>,
  }),
  helper.accessor("kind", { header: "What" }),
  helper.accessor("identity", {
    header: "Name",
    cell: ({ getValue }) => <code className="text-[13px]">{getValue()}</code>,
  }),
  helper.accessor("reason", { header: "Why it is not in the backup" }),
]);

/** The ledger of what the recovery point does not hold. */
export function ledgerTab(ledger: LedgerEntry[]): DetailTab {
  const missing = ledger.filter(({ severity }) => severity === "missing").length;
  return {
    name: "Not captured",
    count: ledger.length,
    alarming: missing > 0,
    content: ledger.length === 0
      ? <EmptyState icon={ListChecksIcon} title="Everything in scope is in this backup" />
      : (
        <DataTable
          label="Not captured"
          rows={ledger}
          columns={columns}
          secondary={["kind"]}
          sortBy={{ id: "severity", desc: true }}
        />
      ),
  };
}

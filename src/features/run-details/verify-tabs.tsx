import { createColumnHelper } from "@tanstack/react-table";
import { ShieldCheckIcon } from "lucide-react";
import type { VerifyDetails } from "../../../supabase/functions/_shared/contract/mod.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { formatBytes, formatCount, formatShare } from "../../lib/format.ts";
import { DataTable, detailFeatures } from "./data-table.tsx";
import type { DetailTab } from "./detail-tabs.tsx";
import { FigureList } from "./figure-list.tsx";
import { ledgerTab } from "./ledger-tab.tsx";

const helper = createColumnHelper<typeof detailFeatures, VerifyDetails["damage"][number]>();
const columns = helper.columns([
  helper.accessor("what", { header: "What" }),
  helper.accessor("key", { header: "Key", cell: ({ getValue }) => <code className="break-all">{getValue()}</code> }),
  helper.accessor("reason", { header: "What is wrong" }),
  helper.accessor("code", { header: "Code", cell: ({ getValue }) => <code>{getValue()}</code> }),
]);

export function verifyTabs(details: VerifyDetails, point: string | null): DetailTab[] {
  const { coverage, damage } = details;
  const of = (checked: number, total: number, format: (value: number) => string) =>
    `${format(checked)} of ${format(total)}`;
  return [
    {
      name: "Coverage",
      content: (
        <>
          <FigureList
            figures={[
              ["Read back", coverage.bytesTotal === 0 ? "–" : formatShare(coverage.bytesChecked / coverage.bytesTotal)],
              ["Pieces of the dump", of(coverage.membersChecked, coverage.membersTotal, formatCount)],
              ["Tables compared", formatCount(details.tablesChecked)],
              ["Rows counted", formatCount(details.rowsChecked)],
              ["Files found", of(coverage.filesChecked, coverage.filesTotal, formatCount)],
              ["Files read", formatCount(coverage.filesRead)],
            ]}
          />
          <p className="text-muted-foreground border-t px-4 py-3 text-[13px]">
            {of(coverage.bytesChecked, coverage.bytesTotal, formatBytes)}{" "}
            were read and compared with what was noted when they were stored.
            {coverage.bytesChecked < coverage.bytesTotal && (
              <>
                {" "}Each verify reads other parts, as many as a worker’s limits allow. All at once:{" "}
                <code>npm run lifeboat -- verify{point === null ? "" : ` ${point}`} --deep</code>
              </>
            )}
          </p>
        </>
      ),
    },
    {
      name: "Damage",
      count: damage.length,
      alarming: damage.length > 0,
      content: damage.length === 0
        ? <EmptyState icon={ShieldCheckIcon} title="Everything that was read back is whole" />
        : <DataTable label="Damage" rows={damage} columns={columns} secondary={["what", "code"]} />,
    },
    ledgerTab(details.ledger),
  ];
}

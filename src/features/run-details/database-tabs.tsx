import { createColumnHelper } from "@tanstack/react-table";
import type { DatabaseDetails } from "../../../supabase/functions/_shared/contract/mod.ts";
import { formatBytes, formatCount } from "../../lib/format.ts";
import { DataTable, detailFeatures } from "./data-table.tsx";
import type { DetailTab } from "./detail-tabs.tsx";
import { ledgerTab } from "./ledger-tab.tsx";

type Row = DatabaseDetails["tables"][number];
const helper = createColumnHelper<typeof detailFeatures, Row>();

const columns = helper.columns([
  helper.accessor("name", {
    header: "Table",
    cell: ({ getValue }) => <code className="text-[13px]">{getValue()}</code>,
  }),
  helper.accessor("rows", { header: "Rows", cell: ({ getValue }) => formatCount(getValue()) }),
  helper.accessor("rawBytes", { header: "As JSON", cell: ({ getValue }) => formatBytes(getValue()) }),
  helper.accessor("bytes", { header: "Stored", cell: ({ getValue }) => formatBytes(getValue()) }),
]);

export function databaseTabs(details: DatabaseDetails): DetailTab[] {
  return [
    {
      name: "Tables",
      count: details.tables.length,
      content: (
        <DataTable
          label="Tables"
          rows={details.tables}
          columns={columns}
          numeric={["rows", "rawBytes", "bytes"]}
          secondary={["rawBytes"]}
          sortBy={{ id: "rawBytes", desc: true }}
        />
      ),
    },
    ledgerTab(details.ledger),
  ];
}

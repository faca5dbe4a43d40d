import { createColumnHelper } from "@tanstack/react-table";
import type { DrillDetails } from "../../../supabase/functions/_shared/contract/mod.ts";
import { Badge } from "../../components/ui/badge.tsx";
import { formatBytes, formatCount, formatDuration } from "../../lib/format.ts";
import { DataTable, detailFeatures } from "./data-table.tsx";
import type { DetailTab } from "./detail-tabs.tsx";
import { FigureList } from "./figure-list.tsx";

const tableHelper = createColumnHelper<typeof detailFeatures, DrillDetails["tables"][number]>();
const tableColumns = tableHelper.columns([
  tableHelper.accessor("name", { header: "Table", cell: ({ getValue }) => <code>{getValue()}</code> }),
  tableHelper.accessor("rows", { header: "Rows", cell: ({ getValue }) => formatCount(getValue()) }),
  tableHelper.accessor("equal", {
    header: "Every row compared",
    cell: ({ getValue }) =>
      getValue() ? <Badge variant="positive">Equal</Badge> : <Badge variant="negative">Differs</Badge>,
  }),
]);

interface Check {
  readonly name: string;
  /** True for one of the owner's own queries. */
  readonly query: boolean;
  readonly passed: boolean;
  readonly reason: string | null;
}
const checkHelper = createColumnHelper<typeof detailFeatures, Check>();
const checkColumns = checkHelper.columns([
  checkHelper.accessor("passed", {
    header: "Result",
    cell: ({ getValue }) =>
      getValue() ? <Badge variant="positive">Passed</Badge> : <Badge variant="negative">Failed</Badge>,
  }),
  checkHelper.accessor("name", {
    header: "Check",
    cell: ({ getValue, row }) =>
      row.original.query
        ? <code className="break-all">{getValue()}</code>
        : <span className="inline-block first-letter:uppercase">{getValue()}</span>,
  }),
]);
const reasonColumn = checkHelper.columns([
  checkHelper.accessor("reason", { header: "Reason", cell: ({ getValue }) => getValue() ?? "" }),
]);

export function drillTabs(details: DrillDetails): DetailTab[] {
  const checks: Check[] = [
    ...details.checks.map((check) => ({ ...check, query: false })),
    ...details.queries.map(({ query, ...rest }) => ({ name: query, ...rest, query: true })),
  ];
  const failed = checks.filter(({ passed }) => !passed).length;
  const differing = details.tables.filter(({ equal }) => !equal).length;
  return [
    {
      name: "Recovery time",
      content: (
        <>
          <FigureList
            figures={[
              ["Recovery time", formatDuration(details.restoreMs)],
              ["Rate", `${formatBytes(details.bytesPerSecond)}/s`],
              [
                "Tables equal",
                `${formatCount(details.tables.length - differing)} of ${formatCount(details.tables.length)}`,
              ],
              ["Checks passed", `${formatCount(checks.length - failed)} of ${formatCount(checks.length)}`],
            ]}
          />
          <p className="text-muted-foreground border-t px-4 py-3 text-[13px]">
            The recovery point was restored into a scratch database, and every row compared with the backup.
          </p>
        </>
      ),
    },
    {
      name: "Tables",
      count: details.tables.length,
      alarming: differing > 0,
      content: <DataTable label="Tables" rows={details.tables} columns={tableColumns} numeric={["rows"]} />,
    },
    {
      name: "Checks",
      count: checks.length,
      alarming: failed > 0,
      content: (
        <DataTable
          label="Checks"
          rows={checks}
          columns={checks.some(({ reason }) => reason !== null) ? [...checkColumns, ...reasonColumn] : checkColumns}
        />
      ),
    },
  ];
}

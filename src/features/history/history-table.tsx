import { useTable } from "@tanstack/react-table";
import { SortableHead } from "../../components/sortable-head.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "../../components/ui/table.tsx";
import { cn } from "../../lib/class-names.ts";
import type { RunSummary } from "../../lib/runs/run-summary.ts";
import { COLUMN_CLASSES, historyColumns, historyFeatures } from "./history-columns.tsx";
import { type HistoryFilter, SORTABLE_COLUMNS } from "./history-filter.ts";

interface HistoryTableProps {
  readonly runs: RunSummary[];
  readonly filter: HistoryFilter;
  readonly onChange: (changes: Partial<HistoryFilter>) => void;
  /** The rows still belong to the previous filter, while the new ones load. */
  readonly outdated: boolean;
}

export function HistoryTable({ runs, filter, onChange, outdated }: HistoryTableProps) {
  const sorting = [{ id: filter.sort, desc: !filter.ascending }];
  const table = useTable({
    features: historyFeatures,
    columns: historyColumns,
    data: runs,
    getRowId: (run) => run.id,
    manualSorting: true,
    enableSortingRemoval: false,
    sortDescFirst: true,
    state: { sorting },
    onSortingChange: (update) => {
      const [next] = typeof update === "function" ? update(sorting) : update;
      const sort = SORTABLE_COLUMNS.find((column) => column === next?.id);
      if (sort) onChange({ sort, ascending: !next.desc });
    },
  });
  return (
    <Table label="Backup history" className={cn("transition-opacity", outdated && "opacity-60")} aria-busy={outdated}>
      <TableHeader>
        {table.getHeaderGroups().map((group) => (
          <TableRow key={group.id} className="hover:bg-transparent">
            {group.headers.map((header) =>
              header.column.getCanSort()
                ? (
                  <SortableHead
                    key={header.id}
                    className={COLUMN_CLASSES[header.column.id]}
                    sorted={header.column.getIsSorted()}
                    onSort={() => header.column.toggleSorting()}
                  >
                    <table.FlexRender header={header} />
                  </SortableHead>
                )
                : (
                  <TableHead key={header.id} className={COLUMN_CLASSES[header.column.id]}>
                    <table.FlexRender header={header} />
                  </TableHead>
                )
            )}
          </TableRow>
        ))}
      </TableHeader>
      <TableBody>
        {table.getRowModel().rows.map((row) => (
          <TableRow key={row.id} className="relative h-12">
            {row.getAllCells().map((cell) => (
              <TableCell key={cell.id} className={COLUMN_CLASSES[cell.column.id]}>
                <table.FlexRender cell={cell} />
              </TableCell>
            ))}
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

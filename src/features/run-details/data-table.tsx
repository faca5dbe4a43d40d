import {
  type ColumnDef,
  columnFilteringFeature,
  createFilteredRowModel,
  createPaginatedRowModel,
  createSortedRowModel,
  filterFn_includesString,
  globalFilteringFeature,
  rowPaginationFeature,
  rowSortingFeature,
  sortFn_text,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { SearchIcon } from "lucide-react";
import { SortableHead } from "../../components/sortable-head.tsx";
import { Button } from "../../components/ui/button.tsx";
import { Input } from "../../components/ui/input.tsx";
import { Table, TableBody, TableCell, TableHeader, TableRow } from "../../components/ui/table.tsx";
import { cn } from "../../lib/class-names.ts";
import { formatCount } from "../../lib/format.ts";

export const detailFeatures = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { text: sortFn_text },
  columnFilteringFeature,
  globalFilteringFeature,
  filteredRowModel: createFilteredRowModel(),
  filterFns: { includesString: filterFn_includesString },
  rowPaginationFeature,
  paginatedRowModel: createPaginatedRowModel(),
});

interface DataTableProps<Row extends object> {
  readonly label: string;
  readonly rows: Row[];
  readonly columns: ColumnDef<typeof detailFeatures, Row>[];
  /** Ids of columns that are aligned right, as numbers are. */
  readonly numeric?: readonly string[];
  /** Ids of columns that phones do not show. */
  readonly secondary?: readonly string[];
  readonly sortBy?: { readonly id: string; readonly desc: boolean };
}

const PAGE_SIZE = 50;

/** A table in a run's details. The browser sorts, searches and pages it. */
export function DataTable<Row extends object>(
  { label, rows, columns, numeric = [], secondary = [], sortBy }: DataTableProps<Row>,
) {
  const table = useTable({
    features: detailFeatures,
    columns,
    data: rows,
    globalFilterFn: "includesString",
    initialState: { pagination: { pageIndex: 0, pageSize: PAGE_SIZE }, sorting: sortBy ? [sortBy] : [] },
  });
  const found = table.getFilteredRowModel().rows.length;
  const { pageIndex } = table.state.pagination;
  const classesOf = (id: string) =>
    cn(
      numeric.includes(id) ? "text-right tabular-nums whitespace-nowrap" : "wrap-anywhere",
      secondary.includes(id) && "hidden sm:table-cell",
    );
  return (
    <div>
      {rows.length > 10 && (
        <div className="relative px-4 pt-3">
          <SearchIcon aria-hidden className="text-muted-foreground absolute left-6.5 top-5 size-4" />
          <Input
            type="search"
            aria-label={`Search ${label.toLowerCase()}`}
            placeholder={`Search ${formatCount(rows.length)} entries`}
            className="h-8 max-w-72 pl-8 text-[13px]"
            onChange={(event) => table.setGlobalFilter(event.target.value)}
          />
        </div>
      )}
      <Table label={label}>
        <TableHeader>
          {table.getHeaderGroups().map((group) => (
            <TableRow key={group.id} className="hover:bg-transparent">
              {group.headers.map((header) => (
                <SortableHead
                  key={header.id}
                  className={classesOf(header.column.id)}
                  sorted={header.column.getIsSorted()}
                  onSort={() => header.column.toggleSorting()}
                >
                  <table.FlexRender header={header} />
                </SortableHead>
              ))}
            </TableRow>
          ))}
        </TableHeader>
        <TableBody>
          {table.getRowModel().rows.map((row) => (
            <TableRow key={row.id}>
              {row.getAllCells().map((cell) => (
                <TableCell key={cell.id} className={cn("h-9", classesOf(cell.column.id))}>
                  <table.FlexRender cell={cell} />
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
      {found === 0 && <p className="text-muted-foreground px-4 py-6 text-center">Nothing matches.</p>}
      {found > PAGE_SIZE && (
        <nav
          aria-label={`Pages of ${label.toLowerCase()}`}
          className="flex items-center justify-end gap-2 border-t px-4 py-2"
        >
          <span className="text-muted-foreground mr-auto text-xs tabular-nums" aria-live="polite">
            {formatCount(pageIndex * PAGE_SIZE + 1)}–{formatCount(Math.min(found, (pageIndex + 1) * PAGE_SIZE))} of{" "}
            {formatCount(found)}
          </span>
          <Button
            variant="outline"
            size="sm"
            disabled={!table.getCanPreviousPage()}
            onClick={() => table.previousPage()}
          >
            Previous
          </Button>
          <Button variant="outline" size="sm" disabled={!table.getCanNextPage()} onClick={() => table.nextPage()}>
            Next
          </Button>
        </nav>
      )}
    </div>
  );
}

import { createColumnHelper, rowSortingFeature, tableFeatures } from "@tanstack/react-table";
import { PinIcon } from "lucide-react";
import { Link } from "react-router";
import { KindIcon } from "../../components/kind-icon.tsx";
import { Moment } from "../../components/moment.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { countOf, formatBytes, formatDuration } from "../../lib/format.ts";
import type { RunSummary } from "../../lib/runs/run-summary.ts";
import { KIND_NAMES, TRIGGER_NAMES } from "../../lib/runs/run-words.ts";

/** The database sorts, so the table needs no row model for sorting. */
export const historyFeatures = tableFeatures({ rowSortingFeature });
const helper = createColumnHelper<typeof historyFeatures, RunSummary>();

/** The width from which each column is shown; phones show the first, the status and the size. */
export const COLUMN_CLASSES: Readonly<Record<string, string>> = {
  kind: "hidden sm:table-cell",
  trigger: "hidden lg:table-cell",
  duration_ms: "hidden md:table-cell text-right tabular-nums",
  bytes: "text-right tabular-nums",
  contents: "hidden md:table-cell tabular-nums",
};

const nothing = <span className="text-muted-foreground">–</span>;

export const historyColumns = helper.columns([
  helper.accessor("started_at", {
    header: "Started",
    cell: ({ row: { original: run } }) => (
      <div className="min-w-0">
        <div className="flex items-center gap-1.5">
          <KindIcon kind={run.kind} className="size-3.5 sm:hidden" />
          <Link
            to={`/backup-history/${run.id}`}
            className="focus-visible:ring-ring/60 rounded-sm font-medium outline-none after:absolute after:inset-0 hover:underline focus-visible:ring-[3px]"
          >
            <span className="sr-only">{KIND_NAMES[run.kind]}</span>
            <Moment at={run.started_at} brief className="relative z-1" />
          </Link>
          {run.pinned && <PinIcon aria-label="Pinned" role="img" className="text-primary size-3.5" />}
        </div>
        {run.label && <p className="text-muted-foreground max-w-52 truncate text-xs" title={run.label}>{run.label}</p>}
      </div>
    ),
  }),
  helper.accessor("kind", {
    header: "Kind",
    cell: ({ getValue }) => (
      <span className="flex items-center gap-2">
        <KindIcon kind={getValue()} />
        {KIND_NAMES[getValue()]}
      </span>
    ),
  }),
  helper.accessor("status", { header: "Status", cell: ({ getValue }) => <StatusBadge status={getValue()} /> }),
  helper.accessor("trigger", {
    header: "Trigger",
    enableSorting: false,
    cell: ({ getValue }) => TRIGGER_NAMES[getValue()],
  }),
  helper.display({
    id: "contents",
    header: "Contents",
    cell: ({ row: { original: run } }) => <Contents run={run} />,
  }),
  helper.accessor("duration_ms", {
    header: "Duration",
    cell: ({ getValue }) => {
      const ms = getValue();
      return ms === null ? nothing : formatDuration(ms);
    },
  }),
  helper.accessor("bytes", {
    header: "Size",
    cell: ({ getValue }) => {
      const bytes = getValue();
      return bytes === null ? nothing : formatBytes(bytes);
    },
  }),
]);

function Contents({ run }: { run: RunSummary }) {
  if (run.error_message) {
    return (
      <span className="text-muted-foreground line-clamp-2 max-w-80" title={run.error_message}>{run.error_message}</span>
    );
  }
  const parts = [
    run.tables !== null && countOf(run.tables, "table"),
    run.rows !== null && countOf(run.rows, "row"),
    run.files !== null && countOf(run.files, "file"),
    !!run.skipped && `${run.skipped} skipped`,
  ].filter(Boolean);
  return parts.length > 0 ? <>{parts.join(" · ")}</> : nothing;
}

import { createColumnHelper } from "@tanstack/react-table";
import { FileCheckIcon, ImagesIcon } from "lucide-react";
import type { MediaDetails } from "../../../supabase/functions/_shared/contract/mod.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { formatBytes, formatCount } from "../../lib/format.ts";
import { DataTable, detailFeatures } from "./data-table.tsx";
import type { DetailTab } from "./detail-tabs.tsx";
import { ledgerTab } from "./ledger-tab.tsx";
import { isR2Alarming, R2Inventory } from "./r2-inventory.tsx";

type Bucket = MediaDetails["buckets"][number];
const bucketHelper = createColumnHelper<typeof detailFeatures, Bucket>();
const count = ({ getValue }: { getValue: () => number }) => formatCount(getValue());
const bucketColumns = bucketHelper.columns([
  bucketHelper.accessor("bucket", { header: "Bucket", cell: ({ getValue }) => <code>{getValue()}</code> }),
  bucketHelper.accessor("files", { header: "Files", cell: count }),
  bucketHelper.accessor("bytes", { header: "Total size", cell: ({ getValue }) => formatBytes(getValue()) }),
  bucketHelper.accessor("copied", { header: "Copied", cell: count }),
  bucketHelper.accessor("unchanged", { header: "Unchanged", cell: count }),
  bucketHelper.accessor("skipped", { header: "Skipped", cell: count }),
]);

type Path = { bucket: string; path: string; reason: string };
const pathHelper = createColumnHelper<typeof detailFeatures, Path>();
const pathColumns = pathHelper.columns([
  pathHelper.accessor("bucket", { header: "Bucket", cell: ({ getValue }) => <code>{getValue()}</code> }),
  pathHelper.accessor("path", {
    header: "Path",
    cell: ({ getValue }) => <code className="break-all">{getValue()}</code>,
  }),
  pathHelper.accessor("reason", { header: "Why" }),
]);

/** The details hold at most this many entries; the manifest has all. */
const MOST_ENTRIES = 1_000;

export function mediaTabs(details: MediaDetails): DetailTab[] {
  const tabs: DetailTab[] = [
    {
      name: "Buckets",
      count: details.buckets.length,
      content: details.buckets.length === 0
        ? <EmptyState icon={ImagesIcon} title="The project has no buckets" />
        : (
          <DataTable
            label="Buckets"
            rows={details.buckets}
            columns={bucketColumns}
            numeric={["files", "bytes", "copied", "unchanged", "skipped"]}
            secondary={["copied", "unchanged", "skipped"]}
            sortBy={{ id: "bytes", desc: true }}
          />
        ),
    },
    {
      name: "Skipped files",
      ...paths("Skipped files", details.skipped, "No file was skipped"),
      alarming: details.skipped.length > 0,
    },
  ];
  if (details.skewed.length > 0) {
    tabs.push({ name: "Changed meanwhile", ...paths("Changed meanwhile", details.skewed, "") });
  }
  if (details.r2) {
    tabs.push({
      name: "R2 inventory",
      count: details.r2.items,
      alarming: isR2Alarming(details.r2),
      content: <R2Inventory r2={details.r2} />,
    });
  }
  tabs.push(ledgerTab(details.ledger));
  return tabs;
}

function paths(label: string, rows: Path[], none: string): Pick<DetailTab, "count" | "content"> {
  return {
    count: rows.length,
    content: rows.length === 0 ? <EmptyState icon={FileCheckIcon} title={none} /> : (
      <>
        <DataTable label={label} rows={rows} columns={pathColumns} />
        {rows.length >= MOST_ENTRIES && (
          <p className="text-muted-foreground border-t px-4 py-2 text-xs">
            The first {formatCount(MOST_ENTRIES)} are listed; the media manifest has them all.
          </p>
        )}
      </>
    ),
  };
}

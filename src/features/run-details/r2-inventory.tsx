import type { ReactNode } from "react";
import type { MediaDetails } from "../../../supabase/functions/_shared/contract/mod.ts";
import { Badge } from "../../components/ui/badge.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "../../components/ui/table.tsx";
import { countOf, formatBytes, formatCount } from "../../lib/format.ts";
import { FigureList } from "./figure-list.tsx";

type R2 = NonNullable<MediaDetails["r2"]>;

/** True when a recovery would lack files, or a table with files could not be read. */
export function isR2Alarming({ sources, reconcile }: R2): boolean {
  if (sources.some(({ status }) => status === "unreadable")) return true;
  return reconcile.status === "done" && reconcile.counts.inDatabaseMissingInR2 + reconcile.counts.sizeMismatch > 0;
}

export function R2Inventory({ r2 }: { r2: R2 }) {
  return (
    <div className="divide-y">
      <p className="px-4 py-3 text-[13px]">
        {countOf(r2.items, "file")}
        {r2.bytes !== null && `, ${formatBytes(r2.bytes)}`} in Cloudflare R2.
        <span className="text-muted-foreground">
          {" "}
          Their bytes are not copied: the inventory says what has to be there.
        </span>
      </p>
      <section aria-label="Comparison with R2">
        <Reconcile reconcile={r2.reconcile} />
      </section>
      <Table label="Sources of the R2 inventory">
        <TableHeader>
          <TableRow className="hover:bg-transparent">
            <TableHead>Read from</TableHead>
            <TableHead>Result</TableHead>
            <TableHead className="text-right">Files</TableHead>
          </TableRow>
        </TableHeader>
        <TableBody>
          {r2.sources.map((source) => (
            <TableRow key={source.table}>
              <TableCell>
                <code>{source.table}</code>
              </TableCell>
              <TableCell>
                <Badge variant={SOURCE_STATES[source.status]?.variant ?? "neutral"}>
                  {SOURCE_STATES[source.status]?.name ?? source.status}
                </Badge>
              </TableCell>
              <TableCell className="text-right tabular-nums">{formatCount(source.items)}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </div>
  );
}

const SOURCE_STATES: Readonly<Record<string, { name: string; variant: "positive" | "neutral" | "negative" }>> = {
  read: { name: "Read", variant: "positive" },
  absent: { name: "No such table", variant: "neutral" },
  unreadable: { name: "Could not be read", variant: "negative" },
};

function Reconcile({ reconcile }: { reconcile: R2["reconcile"] }): ReactNode {
  switch (reconcile.status) {
    case "not_configured":
      return (
        <p className="text-muted-foreground px-4 py-3 text-[13px]">
          Not compared with R2 itself: the functions have no <code>R2_…</code> secrets.
        </p>
      );
    case "failed":
      return (
        <p className="text-caution px-4 py-3 text-[13px]">
          R2 could not be listed, so nothing was compared: {reconcile.message}{" "}
          <code className="text-xs">{reconcile.code}</code>
        </p>
      );
    case "done": {
      const { inDatabaseMissingInR2, inR2UnknownToDatabase, sizeMismatch } = reconcile.counts;
      return (
        <FigureList
          figures={[
            ["Objects in R2", formatCount(reconcile.listed)],
            ["Missing in R2", <Difference key="missing" count={inDatabaseMissingInR2} className="text-negative" />],
            ["Size differs", <Difference key="size" count={sizeMismatch} className="text-negative" />],
            [
              "Unknown to the database",
              <Difference key="unknown" count={inR2UnknownToDatabase} className="text-caution" />,
            ],
          ]}
        />
      );
    }
  }
}

function Difference({ count, className }: { count: number; className: string }) {
  return <span className={count > 0 ? className : undefined}>{formatCount(count)}</span>;
}

import type { MediaDetails } from "../../../supabase/functions/_shared/contract/mod.ts";
import { Badge } from "../../components/ui/badge.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "../../components/ui/table.tsx";
import { countOf, formatBytes, formatCount } from "../../lib/format.ts";

export function R2Inventory({ r2 }: { r2: NonNullable<MediaDetails["r2"]> }) {
  return (
    <div>
      <p className="px-4 pt-3 text-[13px]">
        {countOf(r2.items, "file")}
        {r2.bytes !== null && `, ${formatBytes(r2.bytes)}`} in Cloudflare R2.
        <span className="text-muted-foreground">
          {" "}
          Their bytes are not copied: the inventory says what has to be there.
        </span>
      </p>
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
                <Badge variant={source.status === "read" ? "positive" : "caution"}>{source.status}</Badge>
              </TableCell>
              <TableCell className="text-right tabular-nums">{formatCount(source.items)}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </div>
  );
}

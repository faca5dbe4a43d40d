import { ArrowDownIcon, ArrowUpIcon, ChevronsUpDownIcon } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "../lib/class-names.ts";
import { TableHead } from "./ui/table.tsx";

interface SortableHeadProps {
  readonly sorted: "asc" | "desc" | false;
  readonly onSort: () => void;
  readonly className?: string;
  readonly children: ReactNode;
}

export function SortableHead({ sorted, onSort, className, children }: SortableHeadProps) {
  const Icon = sorted === "asc" ? ArrowUpIcon : sorted === "desc" ? ArrowDownIcon : ChevronsUpDownIcon;
  return (
    <TableHead
      className={className}
      aria-sort={sorted === "asc" ? "ascending" : sorted === "desc" ? "descending" : "none"}
    >
      <button
        type="button"
        onClick={onSort}
        className={cn(
          "hover:text-foreground focus-visible:ring-ring/60 -mx-1 inline-flex h-7 items-center gap-1 rounded-sm px-1 outline-none focus-visible:ring-[3px]",
          sorted && "text-foreground",
        )}
      >
        {children}
        <Icon aria-hidden className={cn("size-3.5", !sorted && "opacity-60")} />
      </button>
    </TableHead>
  );
}

import { ChevronFirstIcon, ChevronLastIcon, ChevronLeftIcon, ChevronRightIcon, type LucideIcon } from "lucide-react";
import { Button } from "../../components/ui/button.tsx";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "../../components/ui/select.tsx";
import { formatCount } from "../../lib/format.ts";
import { type HistoryFilter, PAGE_SIZES } from "./history-filter.ts";

interface PagerProps {
  readonly filter: HistoryFilter;
  readonly total: number;
  readonly onChange: (changes: Partial<HistoryFilter>) => void;
}

export function Pager({ filter, total, onChange }: PagerProps) {
  const pages = Math.max(1, Math.ceil(total / filter.size));
  // For a page past the end the first page is shown.
  const page = filter.page > pages ? 1 : filter.page;
  const first = (page - 1) * filter.size + 1;
  const last = Math.min(total, page * filter.size);
  const steps: readonly (readonly [name: string, icon: LucideIcon, to: number])[] = [
    ["First page", ChevronFirstIcon, 1],
    ["Previous page", ChevronLeftIcon, page - 1],
    ["Next page", ChevronRightIcon, page + 1],
    ["Last page", ChevronLastIcon, pages],
  ];
  return (
    <nav
      aria-label="Pages of the history"
      className="mt-auto flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-t px-4 py-2 text-[13px]"
    >
      <p className="text-muted-foreground tabular-nums" aria-live="polite">
        {formatCount(first)}–{formatCount(last)} of {formatCount(total)}
      </p>
      <div className="flex items-center gap-1">
        <Select
          value={String(filter.size)}
          onValueChange={(size) => onChange({ size: Number(size) as HistoryFilter["size"] })}
        >
          <SelectTrigger aria-label="Runs on a page" className="mr-2 hidden sm:flex">
            <SelectValue />
          </SelectTrigger>
          <SelectContent>
            {PAGE_SIZES.map((size) => <SelectItem key={size} value={String(size)}>{size} a page</SelectItem>)}
          </SelectContent>
        </Select>
        {steps.map(([name, Icon, to]) => (
          <Button
            key={name}
            variant="ghost"
            size="icon-sm"
            aria-label={name}
            disabled={to < 1 || to > pages || to === page}
            onClick={() => onChange({ page: to })}
          >
            <Icon aria-hidden />
          </Button>
        ))}
      </div>
    </nav>
  );
}

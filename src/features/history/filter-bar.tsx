import { XIcon } from "lucide-react";
import { useId } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Input } from "../../components/ui/input.tsx";
import { Label } from "../../components/ui/label.tsx";
import { KIND_NAMES, STATUS_NAMES, TRIGGER_NAMES } from "../../lib/runs/run-words.ts";
import { FilterSelect } from "./filter-select.tsx";
import { type HistoryFilter, isNarrowed } from "./history-filter.ts";

interface FilterBarProps {
  readonly filter: HistoryFilter;
  readonly onChange: (changes: Partial<HistoryFilter>) => void;
}

export function FilterBar({ filter, onChange }: FilterBarProps) {
  return (
    <div
      className="grid w-full grid-cols-2 items-center gap-2 sm:flex sm:w-auto sm:flex-wrap"
      role="group"
      aria-label="Filter the history"
    >
      <FilterSelect
        name="Kind"
        all="All kinds"
        names={KIND_NAMES}
        value={filter.kind}
        onChange={(kind) => onChange({ kind })}
      />
      <FilterSelect
        name="Status"
        all="Any status"
        names={STATUS_NAMES}
        value={filter.status}
        onChange={(status) => onChange({ status })}
      />
      <FilterSelect
        name="Trigger"
        className="max-sm:col-span-2"
        all="Any trigger"
        names={TRIGGER_NAMES}
        value={filter.trigger}
        onChange={(trigger) => onChange({ trigger })}
      />
      <DayInput name="From" value={filter.from} max={filter.to} onChange={(from) => onChange({ from })} />
      <DayInput name="To" value={filter.to} min={filter.from} onChange={(to) => onChange({ to })} />
      {isNarrowed(filter) && (
        <Button
          variant="ghost"
          size="sm"
          onClick={() =>
            onChange({ kind: undefined, status: undefined, trigger: undefined, from: undefined, to: undefined })}
        >
          <XIcon aria-hidden />
          Clear
        </Button>
      )}
    </div>
  );
}

interface DayInputProps {
  readonly name: string;
  readonly value: string | undefined;
  readonly min?: string;
  readonly max?: string;
  readonly onChange: (day: string | undefined) => void;
}

function DayInput({ name, value, min, max, onChange }: DayInputProps) {
  const id = useId();
  return (
    <div className="flex min-w-0 items-center gap-1.5">
      <Label htmlFor={id} className="text-muted-foreground text-xs">{name}</Label>
      <Input
        id={id}
        type="date"
        className="h-8 min-w-0 flex-1 px-2 text-[13px] sm:w-34 sm:flex-none"
        value={value ?? ""}
        min={min}
        max={max}
        onChange={(event) => onChange(event.target.value || undefined)}
      />
    </div>
  );
}

import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "../../components/ui/select.tsx";

interface FilterSelectProps<Value extends string> {
  readonly name: string;
  readonly all: string;
  readonly names: Readonly<Record<Value, string>>;
  readonly value: Value | undefined;
  readonly onChange: (value: Value | undefined) => void;
  readonly className?: string;
}

/** Stands for "no filter", since Radix does not allow an empty value. */
const EVERYTHING = "*";

export function FilterSelect<Value extends string>(
  { name, all, names, value, onChange, className }: FilterSelectProps<Value>,
) {
  return (
    <Select
      value={value ?? EVERYTHING}
      onValueChange={(chosen) => onChange(chosen === EVERYTHING ? undefined : chosen as Value)}
    >
      <SelectTrigger aria-label={name} className={className}>
        <SelectValue />
      </SelectTrigger>
      <SelectContent>
        <SelectItem value={EVERYTHING}>{all}</SelectItem>
        {Object.entries<string>(names).map(([option, text]) => (
          <SelectItem key={option} value={option}>{text}</SelectItem>
        ))}
      </SelectContent>
    </Select>
  );
}

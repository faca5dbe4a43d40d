import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "../../lib/class-names.ts";
import { Card } from "../../components/ui/card.tsx";

export type Tone = "plain" | "positive" | "caution" | "negative";

const TONES: Readonly<Record<Tone, string>> = {
  plain: "text-muted-foreground",
  positive: "text-positive",
  caution: "text-caution",
  negative: "text-negative",
};

interface TileProps {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly tone?: Tone;
  readonly value: ReactNode;
  readonly note: ReactNode;
  readonly className?: string;
}

/** Tiles have the same height before and after loading. */
export function Tile({ label, icon: Icon, tone = "plain", value, note, className }: TileProps) {
  return (
    <Card className={cn("flex min-h-27 flex-col px-4 py-3", className)}>
      <h3 className="text-muted-foreground flex items-center justify-between gap-2 text-xs font-medium">
        {label}
        <Icon aria-hidden className={cn("size-4 shrink-0", TONES[tone])} />
      </h3>
      <p className="mt-1.5 first-letter:uppercase text-xl font-semibold leading-7 tracking-tight tabular-nums">
        {value}
      </p>
      <p className={cn("mt-auto pt-1 text-xs leading-4", tone === "plain" ? "text-muted-foreground" : TONES[tone])}>
        {note}
      </p>
    </Card>
  );
}

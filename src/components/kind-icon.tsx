import { DatabaseIcon, ImagesIcon, LifeBuoyIcon, type LucideIcon, RotateCcwIcon, ShieldCheckIcon } from "lucide-react";
import type { RunKind } from "../../supabase/functions/_shared/contract/mod.ts";
import { cn } from "../lib/class-names.ts";

const ICONS: Readonly<Record<RunKind, LucideIcon>> = {
  database: DatabaseIcon,
  media: ImagesIcon,
  verify: ShieldCheckIcon,
  drill: LifeBuoyIcon,
  restore: RotateCcwIcon,
};

export function KindIcon({ kind, className }: { kind: RunKind; className?: string }) {
  const Icon = ICONS[kind];
  return <Icon aria-hidden className={cn("text-muted-foreground size-4 shrink-0", className)} />;
}

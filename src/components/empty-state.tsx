import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

export function EmptyState({ icon: Icon, title, children }: { icon: LucideIcon; title: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center justify-center gap-1.5 px-6 py-10 text-center">
      <Icon aria-hidden className="text-muted-foreground/70 mb-1 size-7" strokeWidth={1.5} />
      <p className="font-medium">{title}</p>
      {children && <div className="text-muted-foreground max-w-md text-[13px] leading-relaxed">{children}</div>}
    </div>
  );
}

import { cn } from "../lib/class-names.ts";

export function Logo({ className }: { className?: string }) {
  return (
    <span className={cn("inline-flex h-7 items-center gap-2", className)}>
      <svg viewBox="0 0 32 32" className="text-primary h-full" aria-hidden>
        <rect width="32" height="32" rx="8" fill="currentColor" />
        <circle cx="16" cy="16" r="7.5" fill="none" className="stroke-primary-foreground" strokeWidth="5" />
        <path d="M16 5v6M16 21v6M5 16h6M21 16h6" stroke="currentColor" strokeWidth="2.5" />
      </svg>
      <span className="text-base font-semibold tracking-tight">Lifeboat</span>
    </span>
  );
}

import type { ReactNode } from "react";

export type Figure = readonly [name: string, value: ReactNode];

/** Facts in a row, each under its name. */
export function FigureList({ figures }: { figures: readonly Figure[] }) {
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden sm:grid-cols-3 lg:grid-cols-6">
      {figures.map(([name, value]) => (
        <div key={name} className="min-w-0 px-4 py-3">
          <dt className="text-muted-foreground text-xs">{name}</dt>
          <dd className="mt-0.5 text-base font-semibold tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

import { formatAge, formatMoment, formatUtc, parseMoment } from "../lib/format.ts";
import { cn } from "../lib/class-names.ts";

/** A time in the viewer's zone; UTC on hover. */
export function Moment(
  { at, now, className }: { at: string | Date; now?: Date; className?: string },
) {
  const moment = typeof at === "string" ? parseMoment(at) : at;
  return (
    <time dateTime={moment.toISOString()} title={formatUtc(moment)} className={cn("whitespace-nowrap", className)}>
      {now ? formatAge(moment, now) : formatMoment(moment)}
    </time>
  );
}

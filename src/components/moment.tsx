import { format } from "date-fns";
import { formatAge, formatMoment, formatUtc, parseMoment } from "../lib/format.ts";
import { cn } from "../lib/class-names.ts";

/** A time in the viewer's zone, or its distance from `now`; UTC on hover. `brief` hides the year on phones. */
export function Moment(
  { at, now, brief = false, className }: { at: string | Date; now?: Date; brief?: boolean; className?: string },
) {
  const moment = typeof at === "string" ? parseMoment(at) : at;
  return (
    <time dateTime={moment.toISOString()} title={formatUtc(moment)} className={cn("whitespace-nowrap", className)}>
      {now ? formatAge(moment, now) : brief
        ? (
          <>
            {format(moment, "d MMM")}
            <span className="max-sm:hidden">{format(moment, " yyyy")}</span>
            {format(moment, ", HH:mm")}
          </>
        )
        : formatMoment(moment)}
    </time>
  );
}

import { format as formatDate } from "date-fns";
import { Area, AreaChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { Card } from "../../components/ui/card.tsx";
import { formatMoment, parseMoment } from "../../lib/format.ts";
import { type AxisSteps, axisTicks } from "./axis-steps.ts";
import type { TrendRun } from "./list-trend-runs.ts";

interface TrendChartProps {
  readonly title: string;
  readonly runs: readonly TrendRun[];
  readonly valueOf: (run: TrendRun) => number | null;
  readonly format: (value: number) => string;
  readonly steps: AxisSteps;
}

/** Short names, because a chart may be as narrow as a phone. */
const NAMES = { database: "Dump", media: "Media" } as const;
const KINDS = ["database", "media"] as const;
const COLOURS = { database: "var(--chart-database)", media: "var(--chart-media)" } as const;

const TWO_DAYS_MS = 2 * 24 * 3_600_000;

export function TrendChart({ title, runs, valueOf, format, steps }: TrendChartProps) {
  const points = runs.flatMap((run) => {
    const value = valueOf(run);
    return value === null
      ? []
      : [{ at: parseMoment(run.started_at).getTime(), kind: run.kind, value, [run.kind]: value }];
  });
  const shown = KINDS.flatMap((kind) => {
    const latest = points.findLast((point) => point.kind === kind);
    return latest ? [{ kind, latest: format(latest.value) }] : [];
  });
  const [first, last] = [points[0], points[points.length - 1]];
  // The first backups of a project may be only minutes apart.
  const timeFormat = last && last.at - first.at < TWO_DAYS_MS ? "d MMM, HH:mm" : "d MMM";
  const ticks = axisTicks(Math.max(0, ...points.map((point) => point.value)), steps);
  const summary = `${title}: ${shown.map(({ kind, latest }) => `${NAMES[kind]} ${latest}`).join(", ")}`;
  return (
    <Card className="h-48 overflow-hidden max-sm:w-72 max-sm:shrink-0 max-sm:snap-start">
      <figure aria-label={`${summary}, newest of ${points.length}`} className="flex h-full flex-col">
        <figcaption className="flex flex-wrap items-baseline justify-between gap-x-3 px-4 pt-3 text-xs">
          <span className="text-[13px] font-semibold">{title}</span>
          <span className="text-muted-foreground flex gap-3 tabular-nums">
            {shown.map(({ kind, latest }) => (
              <span key={kind} className="inline-flex items-center gap-1.5">
                <span className="size-2 rounded-full" style={{ background: COLOURS[kind] }} />
                {shown.length > 1 && NAMES[kind]} {latest}
              </span>
            ))}
          </span>
        </figcaption>
        <div className="min-h-0 flex-1 pb-1 pr-3 pt-2 text-xs">
          <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 320, height: 140 }}>
            <AreaChart data={points} margin={{ top: 6, right: 4, bottom: 0, left: 0 }} accessibilityLayer={false}>
              <CartesianGrid vertical={false} stroke="var(--border)" />
              <XAxis
                dataKey="at"
                type="number"
                scale="time"
                domain={["dataMin", "dataMax"]}
                tickFormatter={(at: number) => formatDate(at, timeFormat)}
                tick={{ fill: "var(--muted-foreground)" }}
                tickLine={false}
                axisLine={false}
                minTickGap={36}
              />
              <YAxis
                ticks={ticks}
                domain={[0, ticks[ticks.length - 1]]}
                tickFormatter={(value: number) => format(value).replace(/\.0(?= )| 00 \w+$/, "")}
                tick={{ fill: "var(--muted-foreground)" }}
                tickLine={false}
                axisLine={false}
                width={58}
                interval={0}
              />
              <Tooltip
                isAnimationActive={false}
                cursor={{ stroke: "var(--input)" }}
                contentStyle={{
                  background: "var(--popover)",
                  border: "1px solid var(--border)",
                  borderRadius: 8,
                  fontSize: 12,
                }}
                labelFormatter={(at) => formatMoment(new Date(Number(at)))}
                formatter={(value, kind) => [format(Number(value)), NAMES[kind as keyof typeof NAMES]]}
              />
              {shown.map(({ kind }) => (
                <Area
                  key={kind}
                  dataKey={kind}
                  stroke={COLOURS[kind]}
                  fill={COLOURS[kind]}
                  fillOpacity={0.1}
                  strokeWidth={1.75}
                  dot={points.length < 8 ? { r: 2.5, fillOpacity: 1, fill: COLOURS[kind] } : false}
                  connectNulls
                  isAnimationActive={false}
                />
              ))}
            </AreaChart>
          </ResponsiveContainer>
        </div>
      </figure>
    </Card>
  );
}

import { useQuery } from "@tanstack/react-query";
import { ActivityIcon, CalendarClockIcon, HardDriveIcon, LifeBuoyIcon } from "lucide-react";
import type { OverviewAnswer } from "../../../supabase/functions/_shared/contract/mod.ts";
import { Moment } from "../../components/moment.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { countOf, formatBytes, formatDuration, formatShare, parseMoment } from "../../lib/format.ts";
import { useNow } from "../../lib/use-now.ts";
import { overviewQuery } from "./read-overview.ts";
import { Tile } from "./tile.tsx";
import { VerifiedPointTile } from "./verified-point-tile.tsx";

/** The smallest share of successful runs that needs no attention. */
const GOOD_RATE = 0.95;

export function OverviewTiles() {
  const query = useQuery(overviewQuery);
  const now = useNow(30_000);
  return (
    <section aria-labelledby="overview" className="grid grid-cols-2 gap-3 lg:grid-cols-5">
      <h2 id="overview" className="sr-only">Overview</h2>
      <QueryView
        query={query}
        what="The overview"
        errorClassName="col-span-full min-h-27"
        loading={Array.from(
          { length: 5 },
          (_, index) => <Skeleton key={index} className="h-27 rounded-xl first:col-span-2 lg:first:col-span-1" />,
        )}
      >
        {(overview) => <Tiles overview={overview} now={now} />}
      </QueryView>
    </section>
  );
}

function Tiles({ overview, now }: { overview: OverviewAnswer; now: Date }) {
  const { successRate30Days: rate, nextRunAt, lastDrill } = overview;
  return (
    <>
      <div className="col-span-2 grid lg:col-span-1">
        <VerifiedPointTile overview={overview} now={now} />
      </div>
      <Tile
        label="Success rate"
        icon={ActivityIcon}
        tone={rate === null || rate >= GOOD_RATE ? "plain" : "caution"}
        value={rate === null ? "–" : formatShare(rate)}
        note={rate === null ? "No run ended in 30 days" : "of runs in 30 days"}
      />
      <Tile
        label="Stored"
        icon={HardDriveIcon}
        value={formatBytes(overview.storedBytes)}
        note={`in ${countOf(overview.totalBackups, "backup")}`}
      />
      <Tile
        label="Next scheduled backup"
        icon={CalendarClockIcon}
        tone={nextRunAt === null ? "caution" : "plain"}
        value={nextRunAt === null ? "Not scheduled" : <Moment at={nextRunAt} now={now} />}
        note={nextRunAt === null ? "Only manual backups happen" : <Moment at={nextRunAt} />}
      />
      <Tile
        label="Measured recovery time"
        icon={LifeBuoyIcon}
        tone={lastDrill && lastDrill.status !== "success" ? "negative" : "plain"}
        value={lastDrill === null ? "–" : formatDuration(lastDrill.durationMs)}
        note={lastDrill === null ? "No restore drill yet" : (
          <>
            {lastDrill.status === "success" ? "Drill" : `Drill ${lastDrill.status}`}{" "}
            <Moment at={parseMoment(lastDrill.finishedAt)} now={now} />
          </>
        )}
      />
    </>
  );
}

import { ShieldAlertIcon, ShieldCheckIcon } from "lucide-react";
import { differenceInMinutes } from "date-fns";
import type { OverviewAnswer } from "../../../supabase/functions/_shared/contract/mod.ts";
import { formatDuration, pointMoment } from "../../lib/format.ts";
import { Moment } from "../../components/moment.tsx";
import { Tile } from "./tile.tsx";

/** Shows what a disaster now would cost: the age of the newest verified point, and the age allowed. */
export function VerifiedPointTile({ overview, now }: { overview: OverviewAnswer; now: Date }) {
  const label = "Newest verified point";
  const target = `target ${formatTarget(overview.targetHours)}`;
  const verified = overview.newestVerifiedPoint;
  if (verified === null) {
    return (
      <Tile
        label={label}
        icon={ShieldAlertIcon}
        tone="caution"
        value="None yet"
        note={overview.newestPoint ? `Verify a backup; ${target}` : `No backup either; ${target}`}
      />
    );
  }
  const moment = pointMoment(verified.recoveryPoint);
  const late = differenceInMinutes(now, moment) > overview.targetHours * 60;
  return (
    <Tile
      label={label}
      icon={late ? ShieldAlertIcon : ShieldCheckIcon}
      tone={late ? "negative" : "positive"}
      value={<Moment at={moment} now={now} />}
      note={late ? `Older than its ${target}` : `Within its ${target}`}
    />
  );
}

function formatTarget(hours: number): string {
  return formatDuration(hours * 3_600_000).replace(" 00 min", "");
}

import { PageTitle } from "../components/page-title.tsx";
import { ActivityCard } from "../features/activity/activity-card.tsx";
import { TriggerButtons } from "../features/activity/trigger-buttons.tsx";
import { useActivity } from "../features/activity/use-activity.ts";
import { History } from "../features/history/history.tsx";
import { OverviewTiles } from "../features/overview/overview-tiles.tsx";
import { Trends } from "../features/trends/trends.tsx";

export function HistoryPage() {
  const activity = useActivity();
  return (
    <div className="space-y-5">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-3">
        <PageTitle>Backups</PageTitle>
        <TriggerButtons activity={activity} />
      </div>
      <OverviewTiles />
      <ActivityCard activity={activity} />
      <Trends />
      <History />
    </div>
  );
}

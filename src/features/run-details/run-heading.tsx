import { PinIcon } from "lucide-react";
import type { BackupHistoryRow } from "../../../supabase/functions/_shared/contract/mod.ts";
import { KindIcon } from "../../components/kind-icon.tsx";
import { Moment } from "../../components/moment.tsx";
import { PageTitle } from "../../components/page-title.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { Badge } from "../../components/ui/badge.tsx";
import { formatUtc, parseMoment } from "../../lib/format.ts";
import { KIND_NAMES } from "../../lib/runs/run-words.ts";

const TITLES: Readonly<Record<BackupHistoryRow["kind"], string>> = {
  ...KIND_NAMES,
  database: "Database backup",
  media: "Media backup",
};

export function RunHeading({ run, userId }: { run: BackupHistoryRow; userId: string }) {
  return (
    <div className="min-w-0">
      <div className="flex flex-wrap items-center gap-2.5">
        <KindIcon kind={run.kind} className="size-5" />
        <PageTitle>{TITLES[run.kind]}</PageTitle>
        <StatusBadge status={run.status} />
        {run.pinned && (
          <Badge variant="outline">
            <PinIcon aria-hidden />
            Pinned
          </Badge>
        )}
      </div>
      <p className="text-muted-foreground mt-1 text-[13px]">
        <Moment at={run.started_at} className="text-foreground" /> ({formatUtc(parseMoment(run.started_at))}),{" "}
        {startedBy(run, userId)}
        {run.label && <span className="text-foreground">, “{run.label}”</span>}
      </p>
    </div>
  );
}

function startedBy({ trigger, triggered_by }: BackupHistoryRow, userId: string): string {
  if (trigger === "cron") return "by the schedule";
  if (triggered_by === null) return trigger === "api" ? "over the API" : "by hand";
  return triggered_by === userId ? "by you" : `by admin ${triggered_by.slice(0, 8)}`;
}

import {
  type BackupHistoryRow,
  databaseDetails,
  drillDetails,
  mediaDetails,
  verifyDetails,
} from "../../../supabase/functions/_shared/contract/mod.ts";
import { FileQuestionIcon } from "lucide-react";
import { EmptyState } from "../../components/empty-state.tsx";
import { Card } from "../../components/ui/card.tsx";
import { databaseTabs } from "./database-tabs.tsx";
import { type DetailTab, DetailTabs } from "./detail-tabs.tsx";
import { drillTabs } from "./drill-tabs.tsx";
import { mediaTabs } from "./media-tabs.tsx";
import { verifyTabs } from "./verify-tabs.tsx";
import { Warnings } from "./warnings.tsx";

interface Reading {
  readonly tabs: readonly DetailTab[];
  readonly warnings: readonly string[];
}

/** The details of a run, by its kind. Null for a shape that this page does not know, as from another version. */
function readDetails({ kind, details, recovery_point }: BackupHistoryRow): Reading | null {
  switch (kind) {
    case "database": {
      const { data } = databaseDetails.safeParse(details);
      return data ? { tabs: databaseTabs(data), warnings: data.warnings } : null;
    }
    case "media": {
      const { data } = mediaDetails.safeParse(details);
      return data ? { tabs: mediaTabs(data), warnings: data.warnings } : null;
    }
    case "verify": {
      const { data } = verifyDetails.safeParse(details);
      return data ? { tabs: verifyTabs(data, recovery_point), warnings: data.warnings } : null;
    }
    case "drill": {
      const { data } = drillDetails.safeParse(details);
      return data ? { tabs: drillTabs(data), warnings: data.warnings } : null;
    }
    case "restore":
      return null;
  }
}

export function RunDetails({ run }: { run: BackupHistoryRow }) {
  if (run.details === null) {
    if (run.status === "running") return null;
    return (
      <Card>
        <EmptyState icon={FileQuestionIcon} title="This run noted no details">
          It ended before it had listed what it stored.
        </EmptyState>
      </Card>
    );
  }
  const reading = readDetails(run);
  // Details of an unknown shape are shown as JSON.
  const raw = (
    <pre tabIndex={0} className="max-h-120 overflow-auto p-4 text-xs">{JSON.stringify(run.details, null, 2)}</pre>
  );
  return (
    <>
      {reading && <Warnings warnings={reading.warnings} />}
      <DetailTabs tabs={reading?.tabs ?? [{ name: "Details", content: raw }]} />
    </>
  );
}

import { useQuery } from "@tanstack/react-query";
import { Moment } from "../../components/moment.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { Card, CardContent, CardHeader, CardTitle } from "../../components/ui/card.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { type AuditEntry, auditQuery } from "./list-audit.ts";

const ACTIONS: Readonly<Record<string, string>> = {
  "run.start": "started this run",
  "run.cancel": "asked it to stop",
  "run.update": "changed label or pin",
  "download": "took a download link",
};

/** Shows who did what with this run, and when. */
export function AuditList({ runId, userId }: { runId: string; userId: string }) {
  const query = useQuery(auditQuery(runId));
  return (
    <Card>
      <CardHeader>
        <CardTitle>Log</CardTitle>
      </CardHeader>
      <CardContent className="min-h-16">
        <QueryView query={query} what="The log" loading={<Skeleton className="h-10" />}>
          {(entries) =>
            entries.length === 0
              ? <p className="text-muted-foreground text-[13px]">Nothing is noted about this run.</p>
              : (
                <ol className="space-y-2 text-[13px]">
                  {entries.map((entry) => (
                    <li key={entry.id}>
                      {whoOf(entry, userId)} {ACTIONS[entry.action] ?? entry.action}
                      {typeof entry.details.file === "string" && ` (${entry.details.file})`}
                      <Moment at={entry.at} className="text-muted-foreground block text-xs" />
                    </li>
                  ))}
                </ol>
              )}
        </QueryView>
      </CardContent>
    </Card>
  );
}

function whoOf({ actor }: AuditEntry, userId: string) {
  if (actor === null) return "The service";
  return actor === userId ? "You" : <span title={actor}>Admin {actor.slice(0, 8)}</span>;
}

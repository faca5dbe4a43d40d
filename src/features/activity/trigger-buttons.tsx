import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ChevronDownIcon, DatabaseBackupIcon, ImagesIcon, TagIcon } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { toast } from "sonner";
import { toastError } from "../../lib/toast-error.tsx";
import { Button } from "../../components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "../../components/ui/dropdown-menu.tsx";
import { PageError } from "../../lib/page-error.ts";
import { LabelledBackupDialog } from "./labelled-backup-dialog.tsx";
import { type BackupToStart, startBackup } from "./start-backup.ts";
import type { Activity } from "./use-activity.ts";

const NOUNS = { database: "backup", media: "media backup" } as const;

export function TriggerButtons({ activity }: { activity: Activity }) {
  const queryClient = useQueryClient();
  const [labelling, setLabelling] = useState(false);
  const mutation = useMutation({
    mutationFn: startBackup,
    onSuccess: ({ runId }) => {
      activity.watch(runId);
      setLabelling(false);
      void queryClient.invalidateQueries({ queryKey: ["runs"] });
    },
    onError: (error, { kind }) => {
      if (!(error instanceof PageError) || error.code !== "already_running") {
        return toastError(`The ${NOUNS[kind]} could not be started`, error);
      }
      setLabelling(false);
      if (error.runId) activity.watch(error.runId);
      toastAlreadyRunning(kind, error);
    },
  });
  const start = (backup: BackupToStart) => mutation.mutate(backup);
  const starting = mutation.isPending ? mutation.variables.kind : null;

  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button variant="outline" onClick={() => start({ kind: "media" })} disabled={starting === "media"}>
        <ImagesIcon aria-hidden className="max-sm:hidden" />
        Backup Media
      </Button>
      <div className="flex">
        <Button
          className="rounded-r-none"
          onClick={() => start({ kind: "database" })}
          disabled={starting === "database"}
        >
          <DatabaseBackupIcon aria-hidden className="max-sm:hidden" />
          Trigger Backup
        </Button>
        <DropdownMenu>
          <DropdownMenuTrigger asChild>
            <Button
              className="border-primary-foreground/25 w-8 rounded-l-none border-l px-0"
              aria-label="More ways to back up"
            >
              <ChevronDownIcon aria-hidden />
            </Button>
          </DropdownMenuTrigger>
          <DropdownMenuContent align="end">
            <DropdownMenuItem onSelect={() => setLabelling(true)}>
              <TagIcon aria-hidden />
              Back up with a label…
            </DropdownMenuItem>
          </DropdownMenuContent>
        </DropdownMenu>
      </div>
      <LabelledBackupDialog
        open={labelling}
        onOpenChange={setLabelling}
        starting={mutation.isPending}
        onStart={(options) => start({ kind: "database", ...options })}
      />
    </div>
  );
}

function toastAlreadyRunning(kind: BackupToStart["kind"], { hint, runId }: PageError): void {
  toast.info(`A ${NOUNS[kind]} is already running`, {
    description: runId === undefined
      ? hint
      : <Link to={`/backup-history/${runId}`} className="underline underline-offset-2">Show the run at work</Link>,
    duration: 10_000,
  });
}

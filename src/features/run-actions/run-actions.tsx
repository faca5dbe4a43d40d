import { ChevronDownIcon, PinIcon, PinOffIcon, ShieldCheckIcon, TagIcon } from "lucide-react";
import { useState } from "react";
import type { BackupHistoryRow } from "../../../supabase/functions/_shared/contract/mod.ts";
import { Button } from "../../components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "../../components/ui/dropdown-menu.tsx";
import { useCancelRun } from "../../lib/runs/use-cancel-run.ts";
import { LabelDialog } from "./label-dialog.tsx";
import { useUpdateRun } from "./update-run.ts";
import { useVerifyRun } from "./verify-run.tsx";

/** The actions on a run except its downloads. */
export function RunActions({ run }: { run: BackupHistoryRow }) {
  const [labelling, setLabelling] = useState(false);
  const update = useUpdateRun();
  const cancel = useCancelRun();
  if (run.status === "running") {
    return (
      <Button
        variant="outline"
        disabled={cancel.isPending || cancel.data?.requested}
        onClick={() => cancel.mutate(run.id)}
      >
        {cancel.data?.requested ? "Stopping…" : "Cancel"}
      </Button>
    );
  }
  return (
    <>
      <Button
        variant="outline"
        aria-pressed={run.pinned}
        disabled={update.isPending}
        onClick={() => update.mutate({ runId: run.id, pinned: !run.pinned })}
      >
        {run.pinned ? <PinOffIcon aria-hidden /> : <PinIcon aria-hidden />}
        {run.pinned ? "Unpin" : "Pin"}
      </Button>
      <Button variant="outline" onClick={() => setLabelling(true)}>
        <TagIcon aria-hidden />
        Label
      </Button>
      {run.kind !== "restore" && run.manifest_key !== null && <VerifyMenu runId={run.id} />}
      <LabelDialog runId={run.id} label={run.label} open={labelling} onOpenChange={setLabelling} />
    </>
  );
}

function VerifyMenu({ runId }: { runId: string }) {
  const verify = useVerifyRun();
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="outline" disabled={verify.isPending}>
          <ShieldCheckIcon aria-hidden />
          Verify
          <ChevronDownIcon aria-hidden className="text-muted-foreground" />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        <DropdownMenuItem onSelect={() => verify.mutate({ runId, coverage: "sample" })}>
          <span>
            A sample
            <span className="text-muted-foreground block text-xs">Reads a share of the bytes, cheaply</span>
          </span>
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={() => verify.mutate({ runId, coverage: "deep" })}>
          <span>
            Everything
            <span className="text-muted-foreground block text-xs">
              Reads every byte of the dump and of files up to 64 MiB
            </span>
          </span>
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

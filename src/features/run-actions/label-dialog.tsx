import { type FormEvent, useId } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Dialog, DialogContent, DialogDescription, DialogFooter, DialogTitle } from "../../components/ui/dialog.tsx";
import { Input } from "../../components/ui/input.tsx";
import { Label } from "../../components/ui/label.tsx";
import { useUpdateRun } from "./update-run.ts";

interface LabelDialogProps {
  readonly runId: string;
  readonly label: string | null;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

export function LabelDialog({ runId, label, open, onOpenChange }: LabelDialogProps) {
  const id = useId();
  const update = useUpdateRun(() => onOpenChange(false));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get("label")).trim();
    update.mutate({ runId, label: text || null });
  };
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent>
        <DialogTitle>Label</DialogTitle>
        <DialogDescription>
          Shown in the history, for dump and media alike. Leave it empty to remove it.
        </DialogDescription>
        <form onSubmit={submit} className="grid gap-4">
          <div className="space-y-1.5">
            <Label htmlFor={id}>Label</Label>
            <Input
              id={id}
              name="label"
              maxLength={200}
              defaultValue={label ?? ""}
              placeholder="before migration"
              autoComplete="off"
            />
          </div>
          <DialogFooter>
            <Button variant="outline" onClick={() => onOpenChange(false)}>Not now</Button>
            <Button type="submit" disabled={update.isPending}>Save</Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}

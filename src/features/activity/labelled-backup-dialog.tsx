import { type FormEvent, useId } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Dialog, DialogContent, DialogDescription, DialogFooter, DialogTitle } from "../../components/ui/dialog.tsx";
import { Input } from "../../components/ui/input.tsx";
import { Label } from "../../components/ui/label.tsx";
import { Switch } from "../../components/ui/switch.tsx";

interface LabelledBackupDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly starting: boolean;
  readonly onStart: (options: { label?: string; pinned: boolean }) => void;
}

export function LabelledBackupDialog({ open, onOpenChange, starting, onStart }: LabelledBackupDialogProps) {
  const id = useId();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const label = String(form.get("label")).trim();
    onStart({ ...(label && { label }), pinned: form.get("pinned") === "on" });
  };
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent>
        <DialogTitle>Back up with a label</DialogTitle>
        <DialogDescription>
          The label stands in the history. A pinned backup is never removed by retention.
        </DialogDescription>
        <form onSubmit={submit} className="grid gap-4">
          <div className="space-y-1.5">
            <Label htmlFor={`${id}-label`}>Label</Label>
            <Input id={`${id}-label`} name="label" maxLength={200} placeholder="before migration" autoComplete="off" />
          </div>
          <div className="flex items-center gap-2.5">
            <Switch id={`${id}-pinned`} name="pinned" />
            <Label htmlFor={`${id}-pinned`}>Pin it</Label>
          </div>
          <DialogFooter>
            <Button variant="outline" onClick={() => onOpenChange(false)}>Not now</Button>
            <Button type="submit" disabled={starting}>Start backup</Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}

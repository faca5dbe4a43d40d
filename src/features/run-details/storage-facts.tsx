import type { ReactNode } from "react";
import type { BackupHistoryRow } from "../../../supabase/functions/_shared/contract/mod.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { Card, CardContent, CardHeader, CardTitle } from "../../components/ui/card.tsx";

const EMAIL_STATES = { pending: "being sent", sent: "sent", failed: "not sent", off: "off" } as const;

/** Shows where the run's files are, and their checksums. */
export function StorageFacts({ run }: { run: BackupHistoryRow }) {
  const facts = [
    ["Recovery point", run.recovery_point],
    ["File", run.s3_key],
    ["Manifest", run.manifest_key],
    ["Checksum", run.checksum],
    ["Run", run.id],
  ] as const;
  const email = run.email_status && (EMAIL_STATES[run.email_status as keyof typeof EMAIL_STATES] ?? run.email_status);
  return (
    <Card>
      <CardHeader>
        <CardTitle>In the bucket</CardTitle>
      </CardHeader>
      <CardContent>
        <dl className="space-y-2">
          {facts.map(([name, value]) => value !== null && <Fact key={name} name={name} value={value} />)}
        </dl>
        {email && (
          <p className="text-muted-foreground mt-3 text-xs">
            Email: {email}
            {run.email_error && `. ${run.email_error}`}
          </p>
        )}
      </CardContent>
    </Card>
  );
}

function Fact({ name, value }: { name: string; value: string }): ReactNode {
  return (
    <div>
      <dt className="text-muted-foreground text-xs">{name}</dt>
      <dd className="flex items-start gap-1 font-mono text-[11px] leading-5">
        <span className="min-w-0 flex-1 break-all">{value}</span>
        <CopyButton className="-my-1" text={value} what={name.toLowerCase()} />
      </dd>
    </div>
  );
}

import { TriangleAlertIcon } from "lucide-react";
import { Alert, AlertDescription, AlertTitle } from "../../components/ui/alert.tsx";
import { countOf } from "../../lib/format.ts";

export function Warnings({ warnings }: { warnings: readonly string[] }) {
  if (warnings.length === 0) return null;
  return (
    <Alert variant="caution">
      <TriangleAlertIcon aria-hidden />
      <AlertTitle>{countOf(warnings.length, "warning")}</AlertTitle>
      <AlertDescription>
        <ul className="list-disc space-y-1 pl-4">
          {warnings.map((warning) => <li key={warning}>{warning}</li>)}
        </ul>
      </AlertDescription>
    </Alert>
  );
}

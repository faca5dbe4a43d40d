import { CircleAlertIcon, RotateCwIcon } from "lucide-react";
import { asPageError } from "../lib/page-error.ts";
import { cn } from "../lib/class-names.ts";
import { Alert, AlertDescription, AlertTitle } from "./ui/alert.tsx";
import { Button } from "./ui/button.tsx";

interface LoadErrorProps {
  /** The subject of "… could not be loaded.", such as "The history". */
  readonly what: string;
  readonly error: unknown;
  readonly onRetry: () => void;
  readonly retrying?: boolean;
  readonly className?: string;
}

export function LoadError({ what, error, onRetry, retrying, className }: LoadErrorProps) {
  const { message, hint, code } = asPageError(error);
  return (
    <Alert variant="negative" className={cn("w-auto", className)}>
      <CircleAlertIcon aria-hidden />
      <AlertTitle>{what} could not be loaded</AlertTitle>
      <AlertDescription>
        <p>{message} {hint}</p>
        <p className="flex flex-wrap items-center gap-3 pt-1">
          <Button variant="outline" size="sm" onClick={onRetry} disabled={retrying}>
            <RotateCwIcon aria-hidden className={retrying ? "animate-spin" : undefined} />
            Try again
          </Button>
          <code className="text-muted-foreground text-xs">{code}</code>
        </p>
      </AlertDescription>
    </Alert>
  );
}

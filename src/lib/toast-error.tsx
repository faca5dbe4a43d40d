import { toast } from "sonner";
import { asPageError } from "./page-error.ts";

/** Shows what did not work, why, and what to do. */
export function toastError(what: string, error: unknown): void {
  const { message, hint, code } = asPageError(error);
  toast.error(what, {
    description: (
      <>
        {message} {hint} <code className="text-xs opacity-80">({code})</code>
      </>
    ),
    duration: 12_000,
  });
}

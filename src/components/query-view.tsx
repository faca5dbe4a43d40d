import type { UseQueryResult } from "@tanstack/react-query";
import { TriangleAlertIcon } from "lucide-react";
import type { ReactNode } from "react";
import { asPageError } from "../lib/page-error.ts";
import { LoadError } from "./load-error.tsx";
import { Moment } from "./moment.tsx";
import { Button } from "./ui/button.tsx";

interface QueryViewProps<Data> {
  readonly query: UseQueryResult<Data>;
  /** The subject of "… could not be loaded.", such as "The history". */
  readonly what: string;
  /** A placeholder of the same size as the content. */
  readonly loading: ReactNode;
  readonly errorClassName?: string;
  readonly children: (data: Data) => ReactNode;
}

/**
 * Shows a query in each of its states. When a refresh fails, old data is shown with a warning, because a page that
 * silently stops updating looks healthy.
 */
export function QueryView<Data>({ query, what, loading, errorClassName, children }: QueryViewProps<Data>) {
  const retry = () => void query.refetch();
  if (query.data === undefined) {
    if (query.isError) {
      return (
        <LoadError
          what={what}
          error={query.error}
          onRetry={retry}
          retrying={query.isFetching}
          className={errorClassName}
        />
      );
    }
    return (
      <div aria-busy="true" role="status" aria-label={`${what}: loading`} className="contents">
        {loading}
      </div>
    );
  }
  return (
    <>
      {query.isError && <StaleNotice what={what} query={query} onRetry={retry} />}
      {children(query.data)}
    </>
  );
}

function StaleNotice(
  { what, query, onRetry }: { what: string; query: UseQueryResult<unknown>; onRetry: () => void },
) {
  return (
    <div
      role="alert"
      className="bg-caution-soft text-caution col-span-full flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-1.5 text-[13px]"
    >
      <TriangleAlertIcon aria-hidden className="size-4" />
      <span>
        {what} could not be refreshed and is shown as of <Moment at={new Date(query.dataUpdatedAt)} />:{" "}
        {asPageError(query.error).message}
      </span>
      <Button variant="ghost" size="sm" className="h-7" onClick={onRetry}>Try again</Button>
    </div>
  );
}

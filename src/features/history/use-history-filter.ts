import { useSearchParams } from "react-router";
import { type HistoryFilter, readFilter, writeFilter } from "./history-filter.ts";

/** The filter in the page's address. A change of anything but the page number goes to the first page. */
export function useHistoryFilter(): readonly [HistoryFilter, (changes: Partial<HistoryFilter>) => void] {
  const [parameters, setParameters] = useSearchParams();
  const filter = readFilter(parameters);
  // The address is read anew, because a second quick change comes before the first is drawn and would undo it.
  const current = () => readFilter(new URLSearchParams(globalThis.location.search));
  const change = (changes: Partial<HistoryFilter>) =>
    setParameters(writeFilter({ ...current(), page: 1, ...changes }), { replace: true, preventScrollReset: true });
  return [filter, change];
}

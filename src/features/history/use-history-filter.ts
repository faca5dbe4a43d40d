import { useSearchParams } from "react-router";
import { type HistoryFilter, readFilter, writeFilter } from "./history-filter.ts";

/** The filter that the address holds. Changing anything but the page leads to the first page. */
export function useHistoryFilter(): readonly [HistoryFilter, (changes: Partial<HistoryFilter>) => void] {
  const [parameters, setParameters] = useSearchParams();
  const filter = readFilter(parameters);
  // The address as it is now: who changes two fields quickly does so before the first change is drawn, and would undo it.
  const current = () => readFilter(new URLSearchParams(globalThis.location.search));
  const change = (changes: Partial<HistoryFilter>) =>
    setParameters(writeFilter({ ...current(), page: 1, ...changes }), { replace: true, preventScrollReset: true });
  return [filter, change];
}

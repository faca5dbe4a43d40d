import { QueryClient } from "@tanstack/react-query";
import { PageError } from "./page-error.ts";

/** What the same question will be answered the same way again. */
const final = new Set(["not_admin", "not_authenticated", "invalid_token", "run_unknown", "unknown_answer", "PGRST205"]);

export const queryClient: QueryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => failures < 1 && !(error instanceof PageError && final.has(error.code)),
      retryDelay: 700,
    },
  },
});

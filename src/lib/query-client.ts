import { QueryClient } from "@tanstack/react-query";
import { PageError } from "./page-error.ts";

export const queryClient: QueryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // supabase-js itself retries database requests, three times in seven seconds; only function calls are retried
      // here.
      retry: (failures, error) => failures < 1 && error instanceof PageError && error.code === "function_unreachable",
      retryDelay: 700,
    },
  },
});

import { queryOptions } from "@tanstack/react-query";
import { PageError } from "../../lib/page-error.ts";

export const GUIDE_URL = `${import.meta.env.BASE_URL}DISASTER_RECOVERY.md`;

export const guideQuery = queryOptions({
  queryKey: ["recovery-guide"],
  queryFn: async ({ signal }) => {
    const response = await fetch(GUIDE_URL, { signal });
    const isPage = response.headers.get("content-type")?.includes("html") ?? false;
    // Hosts of single-page apps answer with index.html for files that they do not have.
    if (response.ok && !isPage) return await response.text();
    throw new PageError({
      code: "guide_missing",
      message: `The web server has no DISASTER_RECOVERY.md${response.ok ? "" : ` (${response.status})`}.`,
      hint: "A copy lies beside the backups in the bucket: backups/DISASTER_RECOVERY.md.",
    });
  },
  staleTime: Infinity,
});

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ChevronDownIcon, DownloadIcon, LoaderCircleIcon } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { BackupHistoryRow } from "../../../supabase/functions/_shared/contract/mod.ts";
import { Button } from "../../components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuTrigger,
} from "../../components/ui/dropdown-menu.tsx";
import { formatShare } from "../../lib/format.ts";
import { toastError } from "../../lib/toast-error.tsx";
import { downloadPlainJson } from "./download-plain-json.ts";
import { type DownloadableFile, requestLink } from "./request-link.ts";
import { saveAs } from "./save-as.ts";

type Choice = DownloadableFile | "plainDump";

const CHOICES: Readonly<Record<"database" | "media", readonly (readonly [Choice, string])[]>> = {
  database: [
    ["dump", "Dump, compressed (.json.gz)"],
    ["plainDump", "Dump, plain (.json)"],
    ["manifest", "Manifest"],
    ["mediaManifest", "Media manifest"],
    ["r2Inventory", "R2 inventory"],
    ["recoveryGuide", "Recovery guide"],
  ],
  media: [
    ["mediaManifest", "Media manifest"],
    ["r2Inventory", "R2 inventory"],
    ["recoveryGuide", "Recovery guide"],
  ],
};

/** Downloads the files of a recovery point by links that are valid for five minutes. */
export function DownloadMenu({ run }: { run: BackupHistoryRow }) {
  const queryClient = useQueryClient();
  const [share, setShare] = useState<number | null>(null);
  const leaving = useRef<AbortController>(null);
  useEffect(() => {
    leaving.current = new AbortController();
    return () => leaving.current?.abort();
  }, []);
  const download = useMutation({
    mutationFn: async (choice: Choice) => {
      const { signal } = leaving.current!;
      if (choice === "plainDump") return await downloadPlainJson(run.id, setShare, signal);
      const link = await requestLink(run.id, choice, signal);
      saveAs(link.url, link.fileName);
    },
    onError: (error) => leaving.current?.signal.aborted || toastError("The download failed", error),
    onSettled: () => {
      setShare(null);
      void queryClient.invalidateQueries({ queryKey: ["audit"] });
    },
  });
  if (run.kind !== "database" && run.kind !== "media") return null;
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button disabled={download.isPending}>
          {download.isPending
            ? <LoaderCircleIcon aria-hidden className="animate-spin" />
            : <DownloadIcon aria-hidden />}
          Download{share !== null && ` ${formatShare(Math.floor(share * 100) / 100)}`}
          <ChevronDownIcon aria-hidden className="opacity-70" />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        <DropdownMenuLabel>Links last five minutes and are logged</DropdownMenuLabel>
        {CHOICES[run.kind].map(([choice, name]) => (
          <DropdownMenuItem
            key={choice}
            onSelect={() => download.mutate(choice)}
          >
            {name}
          </DropdownMenuItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

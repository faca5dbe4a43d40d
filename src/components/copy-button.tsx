import { CheckIcon, CopyIcon } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { cn } from "../lib/class-names.ts";
import { Button } from "./ui/button.tsx";

export function CopyButton({ text, what, className }: { text: string; what: string; className?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 1_500);
    } catch {
      toast.error("The browser did not let this page copy. Select the text instead.");
    }
  };
  return (
    <Button
      variant="ghost"
      size="icon-sm"
      className={cn("size-7", className)}
      aria-label={`Copy ${what}`}
      onClick={copy}
    >
      {copied ? <CheckIcon aria-hidden className="text-positive" /> : <CopyIcon aria-hidden />}
    </Button>
  );
}

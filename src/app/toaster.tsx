import type { CSSProperties } from "react";
import { Toaster as Sonner } from "sonner";
import { useIsDark } from "../lib/theme.ts";

const TOAST_STYLE = {
  fontFamily: "inherit",
  "--normal-bg": "var(--popover)",
  "--normal-text": "var(--popover-foreground)",
  "--normal-border": "var(--border)",
} as CSSProperties;

export function Toaster() {
  return (
    <Sonner
      theme={useIsDark() ? "dark" : "light"}
      position="bottom-right"
      closeButton
      style={TOAST_STYLE}
      toastOptions={{ classNames: { description: "!text-foreground/80" } }}
    />
  );
}

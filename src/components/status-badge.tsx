import {
  BanIcon,
  CheckIcon,
  CircleAlertIcon,
  HeartCrackIcon,
  LoaderCircleIcon,
  type LucideIcon,
  TriangleAlertIcon,
} from "lucide-react";
import type { RunStatus } from "../../supabase/functions/_shared/contract/mod.ts";
import { STATUS_NAMES } from "../lib/runs/run-words.ts";
import { Badge, type BadgeVariant } from "./ui/badge.tsx";

const LOOKS: Readonly<Record<RunStatus, readonly [BadgeVariant, LucideIcon]>> = {
  running: ["progressing", LoaderCircleIcon],
  success: ["positive", CheckIcon],
  partial: ["caution", TriangleAlertIcon],
  failed: ["negative", CircleAlertIcon],
  cancelled: ["neutral", BanIcon],
  damaged: ["negative", HeartCrackIcon],
};

export function StatusBadge({ status }: { status: RunStatus }) {
  const [variant, Icon] = LOOKS[status];
  return (
    <Badge variant={variant}>
      <Icon aria-hidden className={status === "running" ? "animate-spin" : undefined} />
      {STATUS_NAMES[status]}
    </Badge>
  );
}

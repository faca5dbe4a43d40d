import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { runTrigger } from "../supabase/functions/_shared/contract/mod.ts";

/** Options that several commands take. */
export function pinOption() {
  return new Option("--pin", "retention keeps this recovery point");
}

export function triggerOption() {
  return new Option(
    "--trigger <trigger>",
    "what the history says of who asked; cron also alerts when nothing can start",
  )
    .choices(runTrigger.options).default("manual" as const);
}

/** A whole number from 0. */
export function countArgument(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It takes a whole number.");
  return Number(text);
}

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

export function jobsOption() {
  return new Option("--jobs <number>", "database sessions that read or write side by side").argParser(jobsArgument)
    .default(1);
}

function jobsArgument(text: string): number {
  const jobs = countArgument(text);
  if (jobs < 1 || jobs > MOST_JOBS) throw new InvalidArgumentError(`It takes 1 to ${MOST_JOBS}.`);
  return jobs;
}

/** Hosted databases of the smallest size allow 60 connections, and the project needs most of them. */
const MOST_JOBS = 16;

/** Reads a whole number, 0 or more. */
export function countArgument(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It takes a whole number.");
  return Number(text);
}

/** Reads `5` or `5%`, above 0 and up to 100. */
export function percentArgument(text: string): number {
  const percent = /^\d{1,3}(\.\d+)?%?$/.test(text) ? parseFloat(text) : 0;
  if (percent <= 0 || percent > 100) throw new InvalidArgumentError("It takes a percentage such as 5%.");
  return percent;
}

/** Collects the values of an option that may be repeated. */
export function listArgument(value: string, before: string[] | undefined): string[] {
  return [...before ?? [], value];
}

export function existingOption() {
  return new Option("--existing <what>", "what to do with rows and files that are there already")
    .choices(["refuse", "keep", "replace"] as const).default("refuse" as const);
}

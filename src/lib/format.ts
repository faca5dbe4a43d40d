import { format, formatDistanceStrict, parseISO } from "date-fns";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** `1536` → `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  let power = bytes < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  // 1023.97 KiB would be shown as 1024 KiB.
  if (power > 0 && power < UNITS.length - 1 && Math.round(bytes / 1024 ** power) >= 1024) power++;
  const value = bytes / 1024 ** power;
  const digits = power === 0 || value >= 100 ? 0 : 1;
  return `${value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${
    UNITS[power]
  }`;
}

export function formatCount(count: number): string {
  return count.toLocaleString("en");
}

/** `1 row`, `2 rows`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** `57 ms`, `0.8 s`, `42 s`, `3 min 05 s`, `2 h 10 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms > 0 && ms < 95) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, "0")} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Shows 100 % only for exactly everything. */
export function formatShare(share: number): string {
  const percent = share * 100;
  const shown = share < 1 ? Math.min(percent, 99.9) : 100;
  return `${Number.isInteger(shown) ? shown : shown.toFixed(1)} %`;
}

/** PostgREST writes `2026-11-21T05:21:58+00:00`; other servers write a space instead of the T. */
export function parseMoment(text: string): Date {
  return parseISO(text);
}

/** The time of a recovery point, whose name is `2026-11-21T05-21-58Z`. */
export function pointMoment(point: string): Date {
  return parseISO(point.replace(/T(\d\d)-(\d\d)-/, "T$1:$2:"));
}

/** The moment in the viewer's time zone. */
export function formatMoment(moment: Date): string {
  return format(moment, "d MMM yyyy, HH:mm");
}

export function formatUtc(moment: Date): string {
  return `${moment.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** `3 hours ago`, `in 20 hours`. */
export function formatAge(moment: Date, now: Date): string {
  if (Math.abs(now.getTime() - moment.getTime()) < 45_000) return moment <= now ? "just now" : "in a moment";
  return formatDistanceStrict(moment, now, { addSuffix: true });
}

const UNITS = ["KiB", "MiB", "GiB", "TiB", "PiB"];

/** Bytes in binary units with three significant figures: `0 B`, `1.00 KiB`, `43.1 MiB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes;
  let unit = -1;
  // From 1023.5 on, rounding would show 1024 of the smaller unit.
  while ((value >= 1023.5 || unit < 0) && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${UNITS[unit]}`;
}

/** Milliseconds for people: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 0 min`. */
export function formatDuration(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `50,123`, whatever the machine's language. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** The recovery point `2026-11-21T02-17-00Z` as `2026-11-21 02:17 UTC`. Other texts stay as they are. */
export function formatPointForPeople(point: string): string {
  return point.replace(/^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-\d\dZ$/, "$1 $2:$3 UTC");
}

const UNITS = ["bytes", "kB", "MB", "GB", "TB", "PB"];

/** Decimal units, as providers bill: `1.5 MB`. */
export function formatDecimalBytes(bytes: number): string {
  const power = bytes < 1_000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`;
}

export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

export function formatDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000);
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A table with columns as wide as their widest cell; numbers and sizes are aligned right. */
export function formatTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const texts = rows.map((row) => row.map((cell) => typeof cell === "number" ? formatCount(cell) : cell));
  const widths = head.map((name, column) => Math.max(name.length, ...texts.map((row) => row[column].length)));
  const isNumber = head.map((_, column) =>
    rows.some((row) => typeof row[column] === "number" || /^[\d.]+ ([kMGTP]B|bytes)$/.test(row[column]))
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => isNumber[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))
      .join("  ").trimEnd();
  return [line(head), ...texts.map(line)].join("\n");
}

/** `title` and words in lines of at most 110 characters; further lines begin below the first word. */
export function formatWrapped(title: string, words: readonly string[]): string {
  const lines: string[] = [];
  let line = title;
  for (const [index, word] of words.entries()) {
    const text = index < words.length - 1 ? `${word}, ` : word;
    if (line.length + text.length > 110) {
      lines.push(line.trimEnd());
      line = " ".repeat(title.length);
    }
    line += text;
  }
  return [...lines, line.trimEnd()].join("\n");
}

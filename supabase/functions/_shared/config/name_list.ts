/** Says what is wrong with the value of a setting, without quoting the value. */
export class MalformedValue extends Error {}

// Matches a name in quotes, or one that starts with neither quote, separator nor space; then the separator. A mismatch
// must cost linear time, since a setting may be 64 KiB of anything.
const DOTTED_NAME = /\s*(?:"((?:[^"]|"")*)"\s*|([^",.\s][^",.]*))([,.]|$)/uy;
const PLAIN_NAME = /\s*(?:"((?:[^"]|"")*)"\s*|([^",\s][^",]*))(,|$)/uy;

/**
 * Reads a comma-separated list of dotted names, such as `card_data, private."odd.table", public."a ""b""".c`. A name in
 * double quotes may hold any character; a doubled quote in it means one quote. Unlike in SQL an unquoted name is not
 * folded to lower case. Throws `MalformedValue`.
 */
export function parseDottedNames(text: string): string[][] {
  return parse(text, DOTTED_NAME);
}

/** Reads a comma-separated list in which a dot has no meaning, such as bucket names; drops repetitions. */
export function parseNames(text: string): string[] {
  return [...new Set(parse(text, PLAIN_NAME).map(([name]) => name))];
}

function parse(text: string, pattern: RegExp): string[][] {
  const entries: string[][] = [];
  let names: string[] = [];
  pattern.lastIndex = 0;
  while (true) {
    const match = pattern.exec(text);
    const name = match?.[1]?.replaceAll('""', '"') ?? match?.[2]?.trimEnd();
    if (!match || !name) throw new MalformedValue(`has an empty or malformed entry (number ${entries.length + 1})`);
    names.push(name);
    if (match[3] === ".") continue;
    entries.push(names);
    names = [];
    if (match[3] === "") return entries;
  }
}

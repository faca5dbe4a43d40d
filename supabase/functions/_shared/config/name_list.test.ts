import { deepStrictEqual, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { MalformedValue, parseDottedNames, parseNames } from "./name_list.ts";

Deno.test("dotted names are split at commas and dots", () => {
  deepStrictEqual(parseDottedNames(" cards, private.tokens ,public.users.iban"), [
    ["cards"],
    ["private", "tokens"],
    ["public", "users", "iban"],
  ]);
});

Deno.test("quoted names keep dots, commas, spaces, quotes and case", () => {
  deepStrictEqual(parseDottedNames('"a.b,c"."d ""e""" , Größe."x"'), [["a.b,c", 'd "e"'], ["Größe", "x"]]);
});

Deno.test("a dot has no meaning in plain names, and repetitions are dropped", () => {
  deepStrictEqual(parseNames('site.assets, "a, b", site.assets'), ["site.assets", "a, b"]);
});

for (const text of ["", ",", "a,", "a..b", ".a", "a.", '"a', '""', 'a"b"', '"a"b', "a, ,b"]) {
  Deno.test(`${JSON.stringify(text)} is refused as a list of dotted names`, () => {
    throws(() => parseDottedNames(text), MalformedValue);
  });
}

Deno.test("every list of names can be written in quotes and read back", () => {
  const name = fc.string({ unit: "binary", minLength: 1 });
  fc.assert(fc.property(fc.array(fc.array(name, { minLength: 1, maxLength: 3 }), { minLength: 1 }), (entries) => {
    const text = entries.map((names) => names.map((part) => `"${part.replaceAll('"', '""')}"`).join(".")).join(",");
    deepStrictEqual(parseDottedNames(text), entries);
  }));
});

Deno.test("a hostile value of 64 KiB is refused in linear time", () => {
  const started = performance.now();
  for (const text of [" ".repeat(65_536) + '"', "a" + " ".repeat(65_536) + '"', '"' + '""'.repeat(32_768)]) {
    throws(() => parseDottedNames(text), MalformedValue);
    throws(() => parseNames(text), MalformedValue);
  }
  ok(performance.now() - started < 1_000);
});

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { readFilter, writeFilter } from "../../src/features/history/history-filter.ts";
import { axisTicks, BYTE_STEPS, COUNT_STEPS, DURATION_STEPS } from "../../src/features/trends/axis-steps.ts";
import {
  countOf,
  formatAge,
  formatBytes,
  formatDuration,
  formatShare,
  formatUtc,
  parseMoment,
  pointMoment,
} from "../../src/lib/format.ts";
import { PaceMeter } from "../../src/lib/runs/run-pace.ts";
import { runShare } from "../../src/lib/runs/run-share.ts";

Deno.test("bytes are told in binary units", () => {
  const told = [
    0,
    1023,
    1024,
    1536,
    1048524,
    1048575,
    5.2 * 2 ** 20,
    700 * 2 ** 30,
    2 ** 60,
  ].map(formatBytes);
  deepStrictEqual(told, [
    "0 B",
    "1,023 B",
    "1.0 KiB",
    "1.5 KiB",
    "1.0 MiB",
    "1.0 MiB",
    "5.2 MiB",
    "700 GiB",
    "1,024 PiB",
  ]);
});

Deno.test("durations are told in the two units that matter", () => {
  const told = [
    -5,
    57,
    800,
    9_949,
    9_950,
    59_400,
    59_600,
    185_000,
    7_800_000,
    273_600_000,
  ].map(formatDuration);
  deepStrictEqual(told, [
    "0.0 s",
    "57 ms",
    "0.8 s",
    "9.9 s",
    "10 s",
    "59 s",
    "1 min 00 s",
    "3 min 05 s",
    "2 h 10 min",
    "3 d 4 h",
  ]);
});

Deno.test("a share with anything missing is never 100 %", () => {
  deepStrictEqual([0, 0.5, 0.9995, 0.999999, 1].map(formatShare), [
    "0 %",
    "50 %",
    "99.9 %",
    "99.9 %",
    "100 %",
  ]);
});

Deno.test("one thing is not called many", () => {
  deepStrictEqual([
    countOf(1, "row"),
    countOf(0, "row"),
    countOf(1234, "entry", "entries"),
  ], [
    "1 row",
    "0 rows",
    "1,234 entries",
  ]);
});

Deno.test("times are read as PostgREST and as others write them", () => {
  for (
    const text of [
      "2026-11-21T05:21:58.5+00:00",
      "2026-11-21 05:21:58.5+00",
      "2026-11-21T07:21:58.5+02:00",
    ]
  ) {
    strictEqual(parseMoment(text).toISOString(), "2026-11-21T05:21:58.500Z");
  }
  strictEqual(
    pointMoment("2026-11-21T02-17-00Z").toISOString(),
    "2026-11-21T02:17:00.000Z",
  );
  strictEqual(formatUtc(new Date(0)), "1970-01-01 00:00:00 UTC");
});

Deno.test("ages are told from both sides of now", () => {
  const now = new Date("2026-11-21T12:00:00Z");
  const told = ["11:59:40", "12:00:30", "09:00:00", "20:00:00"].map((time) =>
    formatAge(new Date(`2026-11-21T${time}Z`), now)
  );
  deepStrictEqual(told, [
    "just now",
    "in a moment",
    "3 hours ago",
    "in 8 hours",
  ]);
});

Deno.test("a filter survives the address, and an address that means nothing is the whole history", () => {
  const filter = readFilter(
    new URLSearchParams(
      "kind=media&status=partial&from=2026-01-02&page=3&size=50&ascending=true",
    ),
  );
  strictEqual(
    writeFilter(filter).toString(),
    "kind=media&status=partial&from=2026-01-02&ascending=true&page=3&size=50",
  );
  const nonsense = new URLSearchParams(
    "kind=moon&from=yesterday&page=-1&size=7&sort=details&to=2026-1-1",
  );
  strictEqual(writeFilter(readFilter(nonsense)).toString(), "");
});

Deno.test("the lines of a chart are few, evenly apart and reach the largest value", () => {
  for (const steps of [BYTE_STEPS, COUNT_STEPS, DURATION_STEPS]) {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 3e7, noNaN: true }), (most) => {
        const ticks = axisTicks(most, steps);
        ok(ticks.length >= 2 && ticks.length <= 6, String(ticks));
        ok(ticks[0] === 0 && ticks[ticks.length - 1] >= most);
      }),
    );
  }
  deepStrictEqual(
    axisTicks(185_000, DURATION_STEPS).map(formatDuration).at(-1),
    "4 min 00 s",
  );
});

Deno.test("the share of a run is by its best measure and never whole while it runs", () => {
  strictEqual(runShare(null), null);
  strictEqual(runShare({ phase: "preparing" }), null);
  strictEqual(
    runShare({
      phase: "rows",
      tablesDone: 1,
      tablesTotal: 2,
      rowsDone: 10,
      rowsEstimated: 100,
    }),
    0.1,
  );
  strictEqual(
    runShare({ phase: "rows", rowsDone: 120, rowsEstimated: 100 }),
    0.99,
  );
  strictEqual(runShare({ phase: "files", filesDone: 0, filesTotal: 0 }), null);
});

Deno.test("rate and time left are of the last seconds and of one phase", () => {
  const meter = new PaceMeter();
  const files = (bytesDone: number) => ({
    phase: "files",
    bytesDone,
    bytesTotal: 1_000,
  });
  deepStrictEqual(meter.add(files(0), 0), {
    bytesPerSecond: null,
    remainingMs: null,
  });
  const pace = meter.add(files(100), 2_000);
  strictEqual(pace.bytesPerSecond, 50);
  strictEqual(Math.round(pace.remainingMs!), 18_000);
  strictEqual(meter.add(files(1_000), 100_000).bytesPerSecond, null);
  match(
    JSON.stringify(meter.add({ phase: "manifest" }, 101_500)),
    /null.*null/,
  );
});

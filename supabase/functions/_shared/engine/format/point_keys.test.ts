import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { hasCode } from "../errors.ts";
import {
  dumpKey,
  formatPoint,
  manifestKey,
  mediaManifestKey,
  parsePoint,
  parsePointKey,
  r2InventoryKey,
} from "./keys.ts";

const point = "2026-11-21T02-17-00Z";

Deno.test("the keys of a recovery point are those of the documented layout", () => {
  strictEqual(dumpKey("collabhunts", point), `backups/collabhunts-backup-${point}.json.gz`);
  strictEqual(mediaManifestKey("collabhunts", point), `backups/collabhunts-backup-${point}.media.json.gz`);
  strictEqual(r2InventoryKey("collabhunts", point), `backups/collabhunts-backup-${point}.r2.json`);
  strictEqual(manifestKey("collabhunts", point), `backups/collabhunts-backup-${point}.manifest.json`);
});

Deno.test("a key tells its project, point and file again, also for names that look like keys", () => {
  const files = { dump: dumpKey, manifest: manifestKey, mediaManifest: mediaManifestKey, r2Inventory: r2InventoryKey };
  for (const project of ["a", "a-backup-b", `a-backup-${point}`, "A.b_c-d"]) {
    for (const [file, key] of Object.entries(files)) {
      deepStrictEqual(parsePointKey(key(project, point)), { project, point, file });
    }
  }
});

Deno.test("what is not a file of a recovery point is not taken for one", () => {
  const others = [
    "backups/DISASTER_RECOVERY.md",
    "lifeboat.json",
    `backups/a-backup-${point}.txt`,
    `backups/a-backup-${point}`,
    "backups/a-backup-2026-02-31T02-17-00Z.manifest.json",
    `backups/x/a-backup-${point}.manifest.json`,
    `other/backups/a-backup-${point}.manifest.json`,
  ];
  for (const key of others) strictEqual(parsePointKey(key), undefined, key);
});

Deno.test("a point is the time to the second, and reads back as the same", () => {
  strictEqual(formatPoint(new Date("2026-11-21T02:17:00.999Z")), point);
  fc.assert(
    fc.property(fc.date({ min: new Date("0000-01-01"), max: new Date("9999-12-31"), noInvalidDate: true }), (date) => {
      strictEqual(parsePoint(formatPoint(date)).getTime(), Math.floor(date.getTime() / 1000) * 1000);
    }),
  );
});

Deno.test("points are ordered as their times are", () => {
  const dates = fc.date({ min: new Date("0000-01-01"), max: new Date("9999-12-31"), noInvalidDate: true });
  fc.assert(fc.property(dates, dates, (one, other) => {
    strictEqual(formatPoint(one) < formatPoint(other), parsePoint(formatPoint(one)) < parsePoint(formatPoint(other)));
  }));
});

Deno.test("what is not a point or a project's name is refused", () => {
  for (const text of ["", "2026-11-21", "2026-02-31T00-00-00Z", "2026-11-21T24-00-00Z", "2026-11-21T02:17:00Z"]) {
    throws(() => parsePoint(text), (error) => hasCode(error, "point_invalid"), text);
  }
  throws(() => formatPoint(new Date(NaN)), (error) => hasCode(error, "point_invalid"));
  for (const project of ["", "a/b", "..", "-a", "a b", "ü", "x".repeat(64)]) {
    throws(() => dumpKey(project, point), (error) => hasCode(error, "project_name_invalid"), project);
  }
});

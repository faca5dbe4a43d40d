import { edited, EDITED_MANIFESTS } from "../support/edited_manifests.ts";
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { gunzipSync, gzipSync } from "node:zlib";
import { LifeboatError } from "../../supabase/functions/_shared/engine/errors.ts";
import type { MediaManifest } from "../../supabase/functions/_shared/engine/format/media_manifest.ts";
import { LiveProject } from "../support/live_project.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";
import { VerifyStage } from "./verify_stage.ts";

const noVersitygw = await versitygwIsMissing();

Deno.test({
  name: `verify finds every kind of damage, and nothing else${
    noVersitygw ? ` (on the local stack's own S3: ${noVersitygw})` : ""
  }`,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(test) {
    await using server = noVersitygw ? undefined : await startVersitygw();
    await using project = await LiveProject.start({ ...server && { s3: server.settings } });
    const { database, media } = await project.backUp();
    const stage = new VerifyStage(project, database, media);
    for (const [name, body] of Object.entries(tests)) await test.step(name, () => body(stage));
  },
});

/** Runs a deep verify and returns its status, and code and name of each damaged thing. */
async function damageOf(stage: VerifyStage): Promise<string[]> {
  const { row, details } = await stage.verify();
  ok(details, `${row.error_code}: ${row.error_message}`);
  strictEqual(row.status, details.damage.length > 0 ? "failed" : "success");
  strictEqual(row.error_code, details.damage.length > 0 ? "backup_damaged" : null);
  return details.damage.map(({ code, what }) => `${code}: ${what}`);
}

const tests: Record<string, (stage: VerifyStage) => Promise<void>> = {
  "a whole point is whole, in every byte": async (stage) => {
    const manifest = await stage.manifest();
    const { row, details } = await stage.verify();
    deepStrictEqual([row.status, details.damage, details.warnings, details.ledger], ["success", [], [], []]);
    strictEqual(details.verifiedRecoveryPoint, stage.point);
    const { coverage } = details;
    deepStrictEqual([coverage.membersChecked, coverage.membersTotal], [
      manifest.members.length,
      manifest.members.length,
    ]);
    deepStrictEqual([coverage.filesRead, coverage.filesChecked], [coverage.filesTotal, coverage.filesTotal]);
    ok(coverage.filesTotal >= 43);
    strictEqual(coverage.bytesChecked, coverage.bytesTotal);
    strictEqual(details.tablesChecked, manifest.tables.length);
    strictEqual(details.rowsChecked, manifest.tables.reduce((sum, { rows }) => sum + rows, 0));
    const [check] = await stage.project.sql(
      "select point, deep, verified_at is not null as verified from lifeboat.point_checks",
    );
    deepStrictEqual(check, { point: stage.point, deep: true, verified: true });
  },

  "one bit of one member": async (stage) => {
    const { dump, members } = await stage.manifest();
    const index = members.findIndex(({ rows }) => rows > 0);
    const { offset, length, table } = members[index];
    await stage.tamper(dump.key, (bytes) => flip(bytes, offset + (length >> 1)), async () => {
      const found = await damageOf(stage);
      deepStrictEqual(found, [
        `checksum_differs: member ${index} of table ${table}`,
        "etag_differs: the dump",
      ]);
      deepStrictEqual(await stage.rows(), { database: ["damaged", "backup_damaged"], media: ["success", null] });
    });
    await stage.assertHealed();
  },

  "the email about damage goes out once, and again for new damage of a point that was whole": async (stage) => {
    stage.alerts.length = 0;
    const { dump } = await stage.manifest();
    await stage.tamper(dump.key, (bytes) => flip(bytes, 100), async () => {
      stage.mail = "failed";
      await stage.verify();
      stage.mail = "sent";
      await stage.project.sql("update lifeboat.point_checks set email_claimed_until = now()");
      await stage.verify();
      await stage.verify();
      strictEqual(stage.alerts.length, 2);
      strictEqual(stage.alerts[1].recoveryPoint, stage.point);
      match(stage.alerts[1].damage[0].what, /^member 0/);
    });
    await stage.assertHealed();
    await stage.tamper(dump.key, (bytes) => flip(bytes, 100), async () => void await stage.verify());
    strictEqual(stage.alerts.length, 3);
    await stage.assertHealed();
  },

  "a dump that was cut off": async (stage) => {
    const { dump, members } = await stage.manifest();
    const last = members.length - 1;
    await stage.tamper(dump.key, (bytes) => bytes.slice(0, members[last].offset - 1), async () => {
      const found = await damageOf(stage);
      strictEqual(found[0], "size_differs: the dump");
      ok(found.includes(`object_missing: member ${last} around the tables`));
      strictEqual(found.length, 3);
    });
    await stage.assertHealed();
  },

  "a member that was cut out of the dump": async (stage) => {
    const { dump, members } = await stage.manifest();
    const index = members.findIndex(({ rows }) => rows > 0);
    const { offset, length, table } = members[index];
    const without = (bytes: Uint8Array<ArrayBuffer>) => {
      bytes.copyWithin(offset, offset + length);
      return bytes.slice(0, -length);
    };
    await stage.tamper(dump.key, without, async () => {
      const found = await damageOf(stage);
      ok(found.includes("size_differs: the dump"));
      ok(found.includes(`checksum_differs: member ${index} of table ${table}`), found.slice(0, 5).join());
      ok(!found.some((thing) => thing.includes("member 0 ")), "what lies before it is whole");
    });
    await stage.assertHealed();
  },

  "a dump, a manifest and a media manifest that are gone": async (stage) => {
    const { dump, mediaManifestKey } = await stage.manifest();
    await stage.tamper(dump.key, () => null, async () => {
      deepStrictEqual(await damageOf(stage), ["object_missing: the dump"]);
    });
    await stage.assertHealed();
    await stage.tamper(stage.database.manifest_key!, () => null, async () => {
      deepStrictEqual(await damageOf(stage), ["object_missing: the manifest"]);
    });
    await stage.assertHealed();
    await stage.tamper(mediaManifestKey, () => null, async () => {
      deepStrictEqual(await damageOf(stage), ["object_missing: the media manifest"]);
      deepStrictEqual(await stage.rows(), { database: ["success", null], media: ["damaged", "backup_damaged"] });
    });
    await stage.assertHealed();
  },

  "a dump that somebody stored again has another ETag: only reading all of it proves it whole": async (stage) => {
    const { dump, members } = await stage.manifest();
    await stage.tamper(dump.key, (bytes) => bytes, async () => {
      const { row, details } = await stage.verify({ coverage: "sample", samplePercent: 1 });
      deepStrictEqual([row.status, details.coverage.membersChecked], ["success", members.length]);
      match(details.warnings[0], /another ETag .* but every byte is right/);
      const largestMemberBytes = Math.max(...members.map(({ rawLength }) => rawLength)) - 1;
      const { details: { damage } } = await stage.verify({ coverage: "deep" }, { settings: { largestMemberBytes } });
      deepStrictEqual(damage.map(({ code, what }) => `${code}: ${what}`), ["etag_differs: the dump"]);
    });
    await stage.assertHealed();
  },

  "two members whose bytes changed places": async (stage) => {
    const { dump, members } = await stage.manifest();
    const [first, second] = members.map((member, index) => ({ ...member, index })).filter(({ rows }) => rows > 0);
    await stage.tamper(dump.key, (bytes) => {
      const [one, other] = [first, second].map(({ offset, length }) => bytes.slice(offset, offset + length));
      const between = bytes.slice(first.offset + first.length, second.offset);
      return concat(bytes.slice(0, first.offset), other, between, one, bytes.slice(second.offset + second.length));
    }, async () => {
      const found = await damageOf(stage);
      for (const { index, table } of [first, second]) {
        ok(found.includes(`checksum_differs: member ${index} of table ${table}`), found.join("\n"));
      }
    });
    await stage.assertHealed();
  },

  "a manifest that was edited": async (stage) => {
    const { tables } = await stage.manifest();
    const changed = tables.findIndex(({ rows }) => rows > 0);
    const cases: [RegExp, (manifest: Awaited<ReturnType<VerifyStage["manifest"]>>) => unknown][] = [
      [/manifest_damaged: the manifest: it gives table .* rows, its members/, (m) => void m.tables[changed].rows++],
      [/digest_differs: table /, (m) => {
        m.tables[changed].digest = String(BigInt(m.tables[changed].digest) + 1n);
      }],
      [/manifest_foreign: the manifest: it names backups\/other-backup-/, (m) => {
        m.dump.key = m.dump.key.replace(m.project, "other");
      }],
      [/manifest_foreign: the manifest: it says that it belongs to point .* of project other/, (m) => {
        m.project = "other";
      }],
      [/manifest_damaged: the manifest: member 1 begins inside the one before it/, (m) => void m.members[1].offset--],
      [/manifest_damaged: the manifest: its members are not those that were written/, (m) => {
        m.members[1].sha256 = "0".repeat(64);
      }],
      [/manifest_damaged: the manifest: table .* has no member/, (m) => {
        m.members.splice(m.members.findIndex(({ table }) => table !== null), 1);
      }],
      ...Object.values(EDITED_MANIFESTS).map(([edit, reason]): typeof cases[number] => [
        new RegExp(`manifest_damaged: the manifest: .*${reason.source}`),
        (m) => edited(m, edit),
      ]),
      [/manifest_damaged: the manifest$/, (m) => ({ ...m, tables: "none" })],
      [/manifest_damaged: the manifest$/, () => ({ format: "something else" })],
    ];
    for (const [expected, change] of cases) {
      await stage.tamperManifest(change as never, async () => {
        const found = await damageOf(stage);
        ok(found.some((line) => expected.test(line)), `${expected}\n${found.join("\n")}`);
        strictEqual((await stage.rows()).database[0], "damaged");
      });
      await stage.assertHealed();
    }
  },

  "a manifest of a format that this version does not know says nothing about the bytes": async (stage) => {
    await stage.tamperManifest((manifest) => ({ ...manifest, formatVersion: 2 }), async () => {
      const { row } = await stage.verify();
      deepStrictEqual([row.status, row.error_code], ["failed", "format_unknown"]);
      strictEqual((await stage.rows()).database[0], "success");
    });
  },

  "files that are gone, cut, or other bytes; the next media run stores them anew": async (stage) => {
    const { objects } = await mediaManifest(stage);
    const [file] = objects.filter(({ size }) => size > 100);
    const name = `file ${file.bucket}/${file.path}`;
    await stage.tamper(file.s3Key, () => null, async () => {
      deepStrictEqual(await damageOf(stage), [`object_missing: ${name}`]);
      deepStrictEqual((await stage.rows()).media, ["damaged", "backup_damaged"]);
      const known = await stage.project.sql("select from lifeboat.media_objects where s3_key = $1", [file.s3Key]);
      strictEqual(known.length, 0);
    });
    await stage.assertHealed();
    await stage.tamper(file.s3Key, (bytes) => bytes.slice(0, -1), async () => {
      const { details } = await stage.verify({ coverage: "sample", samplePercent: 1 });
      deepStrictEqual(details.damage.map(({ code, what }) => `${code}: ${what}`), [`size_differs: ${name}`]);
    });
    await stage.assertHealed();
    await stage.tamper(file.s3Key, (bytes) => flip(bytes, 50), async () => {
      deepStrictEqual(await damageOf(stage), [`checksum_differs: ${name}`]);
    });
    await stage.assertHealed();
    await stage.tamper(file.s3Key, (bytes) => flip(bytes, 50), async () => {
      // A look from afar sees another ETag, so that the bytes are read whatever the sample.
      const { details } = await stage.verify({ coverage: "sample", samplePercent: 1 });
      deepStrictEqual(details.damage.map(({ code, what }) => `${code}: ${what}`), [`checksum_differs: ${name}`]);
    });
    await stage.assertHealed();
  },

  "a media manifest that was edited": async (stage) => {
    const { mediaManifestKey } = await stage.manifest();
    const edit = (change: (text: string) => string) => (bytes: Uint8Array) =>
      new Uint8Array(gzipSync(change(gunzipSync(bytes).toString())));
    for (
      const change of [
        (text: string) => text.replace(/"size":\d+/, '"size":1'),
        (text: string) => text.slice(0, text.length >> 1),
        (text: string) => text.replace('"project":"collabhunts"', '"project":"other"'),
      ]
    ) {
      await stage.tamper(mediaManifestKey, edit(change), async () => {
        deepStrictEqual(await damageOf(stage), ["manifest_damaged: the media manifest"]);
      });
      await stage.assertHealed();
    }
    // Where the history has no checksum to compare, the manifest has to contradict itself.
    await stage.project.sql("update backup_history set checksum = null where id = $1", [stage.media.id]);
    await stage.tamper(mediaManifestKey, edit((text) => text.replace(/"size":\d+/, '"size":1')), async () => {
      const found = await damageOf(stage);
      ok(found.includes("manifest_damaged: the media manifest"), found.join("\n"));
    });
    await stage.tamper(
      mediaManifestKey,
      edit((text) => text.replace(/"s3Key":"media-backups\/[^"]+"/, '"s3Key":"backups/other-backup-x.json.gz"')),
      async () => {
        const found = await damageOf(stage);
        ok(found.some((line) => line.startsWith("manifest_foreign: the media manifest: file ")), found.join("\n"));
      },
    );
    await stage.assertHealed();
    await stage.project.sql("update backup_history set checksum = $2 where id = $1", [
      stage.media.id,
      stage.media.checksum,
    ]);
  },

  "a store that does not answer says nothing about the backup": async (stage) => {
    const store = { ...stage.bucket, get: () => Promise.reject(unavailable) };
    const { row } = await stage.verify(undefined, { store });
    deepStrictEqual([row.status, row.error_code], ["failed", "store_unavailable"]);
    deepStrictEqual(await stage.rows(), { database: ["success", null], media: ["success", null] });
  },

  "another project's bucket, or an empty one, is no damage": async (stage) => {
    const store = { ...stage.bucket, get: () => Promise.reject(missing), head: () => Promise.reject(missing) };
    const { row } = await stage.verify(undefined, { store });
    deepStrictEqual([row.status, row.error_code], ["failed", "bucket_not_ours"]);
    strictEqual((await stage.rows()).database[0], "success");
  },

  "a point of which nothing was stored cannot be verified": async (stage) => {
    const { row } = await stage.verify(undefined, { point: "2020-01-01T00-00-00Z" });
    deepStrictEqual([row.status, row.error_code], ["failed", "nothing_to_verify"]);
  },

  "a sample covers a part, says so, and another seed another part": async (stage) => {
    const read: string[][] = [];
    for (const seed of [1, 2]) {
      const ranges: string[] = [];
      const store = {
        ...stage.bucket,
        get: ((key, options, signal) => {
          if (options?.range) ranges.push(String(options.range.offset));
          return stage.bucket.get(key, options, signal);
        }) as typeof stage.bucket.get,
      };
      const { row, details } = await stage.verify({ coverage: "sample", samplePercent: 30 }, { store, seed });
      const { coverage } = details;
      strictEqual(row.status, "success");
      ok(coverage.membersChecked > 0 && coverage.membersChecked < coverage.membersTotal);
      strictEqual(coverage.membersChecked, ranges.length);
      strictEqual(coverage.filesChecked, coverage.filesTotal);
      ok(coverage.bytesChecked < coverage.bytesTotal);
      ok(details.tablesChecked < (await stage.manifest()).tables.length);
      match(details.ledger[0].reason, /not read this time/);
      read.push(ranges.sort());
    }
    ok(JSON.stringify(read[0]) !== JSON.stringify(read[1]));
  },

  "a check that could look at no file, or at no part of the dump, verifies nothing": async (stage) => {
    const verified = async () =>
      (await stage.project.sql<{ at: unknown }>("select verified_at::text as at from lifeboat.point_checks"))[0].at;
    const before = await verified();
    for (const settings of [{ largestMediaManifestBytes: 0 }, { largestMemberBytes: 0 }]) {
      const { row, details } = await stage.verify(undefined, { settings });
      deepStrictEqual([row.status, details.damage], ["partial", []]);
      const { membersChecked, filesChecked } = details.coverage;
      strictEqual("largestMemberBytes" in settings ? membersChecked : filesChecked, 0);
      strictEqual(await verified(), before);
    }
    strictEqual((await stage.rows()).database[0], "success");
  },

  "a file that is too large for a worker is looked up and not read": async (stage) => {
    const file = (await Array.fromAsync(stage.bucket.list("media-backups/"))).find(({ key, sizeBytes }) =>
      key.split("/").length > 2 && sizeBytes > 0
    )!;
    const settings = { largestFileBytes: 0 };
    const { row, details } = await stage.verify(undefined, { settings });
    deepStrictEqual([row.status, details.damage], ["success", []]);
    const { filesChecked, filesRead, filesTotal } = details.coverage;
    deepStrictEqual([filesChecked, filesTotal - filesRead > 0], [filesTotal, true]);
    deepStrictEqual(details.ledger.map(({ identity }) => identity), [`${filesTotal - filesRead} of ${filesTotal}`]);
    deepStrictEqual(details.warnings.length, 1);
    await stage.tamper(file.key, (bytes) => flip(bytes, 0), async () => {
      const { row, details } = await stage.verify(undefined, { settings });
      deepStrictEqual([row.status, details.damage.map(({ code, key }) => [code, key])], [
        "failed",
        [["etag_differs", file.key]],
      ]);
    });
    strictEqual((await stage.verify(undefined, { settings })).row.status, "failed");
    await stage.assertHealed();
  },

  "a look that misses what was damaged leaves the point damaged": async (stage) => {
    const { dump, members } = await stage.manifest();
    const { offset } = members.find(({ rows }) => rows > 0)!;
    await stage.tamper(dump.key, (bytes) => flip(bytes, offset + 20), async () => void await stage.verify());
    const { row, details } = await stage.verify({ coverage: "sample", samplePercent: 1 });
    deepStrictEqual([row.status, row.error_code], ["failed", "backup_damaged"]);
    ok(details.damage.length > 0);
    strictEqual((await stage.rows()).database[0], "damaged");
    await stage.assertHealed();
  },

  "a point whose older files were overwritten since is whole: they lie in the archive": async (stage) => {
    const { objects } = await mediaManifest(stage);
    const [file] = objects;
    await stage.project.upload(file.bucket, file.path, "newer bytes of the same file");
    const later = await stage.project.backUp();
    strictEqual(later.media.status, "success");
    await stage.assertHealed();
    await stage.tamper(file.archiveKey, () => null, async () => {
      ok((await damageOf(stage)).some((line) => line.endsWith(`file ${file.bucket}/${file.path}`)));
    });
    await stage.assertHealed();
  },
};

const unavailable = new LifeboatError({
  code: "store_unavailable",
  kind: "transient",
  message: "The bucket did not answer.",
  hint: "Try again.",
});
const missing = new LifeboatError({
  code: "object_missing",
  kind: "missing",
  message: "The bucket has no such object.",
  hint: "Look for it elsewhere.",
});

async function mediaManifest(stage: VerifyStage): Promise<MediaManifest> {
  const { body } = await stage.bucket.get((await stage.manifest()).mediaManifestKey);
  return await new Response(body.pipeThrough(new DecompressionStream("gzip"))).json();
}

function flip(bytes: Uint8Array<ArrayBuffer>, at: number): Uint8Array<ArrayBuffer> {
  bytes[at] ^= 1;
  return bytes;
}

function concat(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

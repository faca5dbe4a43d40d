import assert from "node:assert/strict";
import { gunzipSync, gzipSync } from "node:zlib";
import type { DumpManifest } from "../../supabase/functions/_shared/contract/mod.ts";
import { nodeChecksums } from "../../supabase/functions/_shared/adapters/node/checksum.ts";
import { LifeboatError } from "../../supabase/functions/_shared/engine/errors.ts";
import { dumpKey, manifestKey } from "../../supabase/functions/_shared/engine/format/keys.ts";
import { applyRestore, planRestore } from "../../supabase/functions/_shared/engine/restore/mod.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { readBytes } from "../media/stored.ts";
import { runSql, SHARED_SERVERS, stopServersAtTheEnd, type TestDatabase } from "../support/postgres.ts";
import { storeOn } from "../support/s3_server.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";
import { edited as makeFit, EDITED_MANIFESTS } from "../support/edited_manifests.ts";
import { onServer, RestoreStage } from "./stage.ts";

const LIBRARY = `
  create table books (id int primary key, text text);
  create table notes (id bigint generated always as identity primary key, book int references books, body jsonb);
  insert into books select g, repeat(md5(g::text), 30) from generate_series(1, 6000) g;
  insert into notes (book, body) select g, jsonb_build_object('n', g) from generate_series(1, 50) g;
`;

/** Opens a backup whose files a test damages. Each change starts from the undamaged files. */
async function open(store: ObjectStore, point: string) {
  const dump = (await readBytes(store, dumpKey("sample", point))).slice();
  const text = new TextDecoder().decode(await readBytes(store, manifestKey("sample", point)));
  const put = (key: string, body: Uint8Array<ArrayBuffer>) => store.put(key, body, { contentType: "application/json" });
  return {
    dump,
    manifest: JSON.parse(text) as DumpManifest,
    storeDump: (bytes: Uint8Array<ArrayBuffer>) => put(dumpKey("sample", point), bytes),
    storeManifest: (value: unknown) =>
      put(
        manifestKey("sample", point),
        new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value)),
      ),
  };
}

async function assertUntouched(target: TestDatabase): Promise<void> {
  const [{ schemas, tables }] = await runSql<{ schemas: string; tables: string }>(
    target.url,
    `select count(*) as tables, (select count(*) from pg_namespace where nspname in ('auth', 'lifeboat_restore')) as schemas
     from pg_class where relnamespace = 'public'::regnamespace`,
  );
  assert.deepEqual([schemas, tables], ["0", "0"]);
}

async function assertRefused(attempt: Promise<unknown>, code: string, names: RegExp): Promise<void> {
  await assert.rejects(attempt, (error) => {
    assert.ok(error instanceof LifeboatError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(`${error.subject} ${error.message}`, names);
    assert.ok(error.hint.length > 20);
    return true;
  });
}

Deno.test(`a damaged backup is refused before anything is written${onServer}`, SHARED_SERVERS, async (test) => {
  await using stage = await RestoreStage.start();
  const source = await stage.source(18, LIBRARY);
  const point = await stage.backUp(source);
  const target = await stage.empty(18);
  const { dump, manifest, storeDump, storeManifest } = await open(stage.store, point);
  assert.ok(manifest.members.length >= 8, "several members of one table");
  const restore = () => stage.restore(target, { point });
  const refused = async (name: string, spoil: () => Promise<unknown>, names: RegExp, code = "backup_damaged") => {
    await test.step(name, async () => {
      try {
        await spoil();
        await assertRefused(restore(), code, names);
        await assertUntouched(target);
      } finally {
        await storeDump(dump);
        await storeManifest(manifest);
      }
    });
  };

  for (const [index, member] of manifest.members.entries()) {
    // A restore does not read the tail. It holds the ledger, which the manifest repeats.
    if (index === manifest.members.length - 1) continue;
    await refused(`one bit flipped in member ${index}`, () => {
      const bytes = dump.slice();
      bytes[member.offset + Math.floor(member.length / 2)] ^= 1;
      return storeDump(bytes);
    }, member.table === null ? /member \d+ .*head/ : new RegExp(`member ${index} .*table ${member.table}`));
  }
  // gunzip ignores the byte that names the operating system, so that only the member's SHA-256 notices this change.
  for (const index of [0, manifest.members.findIndex(({ table }) => table === "books") + 1]) {
    await refused(`a byte that gunzip does not look at, in member ${index}`, () => {
      const bytes = dump.slice();
      bytes[manifest.members[index].offset + 9] ^= 1;
      return storeDump(bytes);
    }, new RegExp(`member ${index} .*not those that were written`));
  }
  await refused("the dump cut short", () => storeDump(dump.slice(0, dump.length - 100)), /bytes/);
  await refused("a dump of zero bytes", () => storeDump(new Uint8Array(0)), /bytes|size/);
  await refused("the dump deleted", () => stage.store.remove([dumpKey("sample", point)]), /not there/);
  await refused("two members swapped", () => {
    const [one, other] = manifest.members.flatMap((member, index) => member.table === "books" ? [index] : []);
    const parts = manifest.members.map(({ offset, length }) => dump.slice(offset, offset + length));
    [parts[one], parts[other]] = [parts[other], parts[one]];
    return storeDump(joined(parts));
  }, /member \d+/);

  const edited = (
    name: string,
    edit: (copy: Editable) => unknown,
    names: RegExp,
    code: string = "manifest_damaged",
  ) =>
    refused(
      `manifest edited: ${name}`,
      () => {
        const copy = structuredClone(manifest) as Editable;
        return storeManifest(edit(copy) ?? copy);
      },
      names,
      code,
    );
  await edited("not JSON", () => "{", /JSON/);
  await edited("another kind of file", (copy) => void (copy.format = "other"), /does not say that it is one/);
  await edited("a later version", (copy) => void (copy.formatVersion = 2), /version 2/, "format_unknown");
  await edited("a field missing", (copy) => void delete copy.members, /members/);
  await edited(
    "another point",
    (copy) => void (copy.recoveryPoint = "2026-01-01T00-00-00Z"),
    /belongs to point 2026-01-01/,
  );
  await edited(
    "a key outside the point",
    (copy) => void (copy.dump.key = "other/secret.gz"),
    /other\/secret.gz as its dump/,
  );
  await edited("overlapping members", (copy) => void (copy.members[2].offset -= 10), /begins inside the one before/);
  await edited("a negative size", (copy) => void (copy.members[2].length = -1), /has no bytes/);
  await edited("a size beyond the file", (copy) => void (copy.members.at(-1)!.length += 1e9), /members end at byte/);
  await edited("a member dropped", (copy) => void copy.members.splice(2, 1), /belong to none/);
  await edited("a table lost", (copy) => void copy.tables.splice(copy.tables.findIndex(named("notes")), 1), /notes/);
  await edited("rows that do not add up", (copy) => void (copy.tables.find(named("books"))!.rows = 1), /books/);
  await edited("another checksum", (copy) => void (copy.members[2].sha256 = "0".repeat(64)), /membersSha256/);
  await edited(
    "another digest",
    (copy) => void (copy.tables.find(named("notes"))!.digest = "1"),
    /notes.*digest/,
    "backup_damaged",
  );
  await edited("a table twice", (copy) => void copy.tables.push(copy.tables[0]), /twice/);
  await edited(
    "another column type",
    (copy) => void (copy.tables.find(named("notes"))!.columns[2].type = "text); drop table users; --"),
    /notes.*another way/,
    "backup_damaged",
  );
  await edited(
    "fewer columns",
    (copy) => void copy.tables.find(named("notes"))!.columns.pop(),
    /notes.*another way/,
    "backup_damaged",
  );
  for (const [name, [edit, names]] of Object.entries(EDITED_MANIFESTS)) {
    await edited(name, (copy) => makeFit(copy, edit), names);
  }

  await refused("one letter of one row changed, and every checksum and size made to fit", async () => {
    const index = manifest.members.findIndex(({ table }) => table === "books") + 1;
    const parts = manifest.members.map(({ offset, length }) => dump.slice(offset, offset + length));
    const rows = gunzipSync(parts[index]).toString().replace(/"text":"./, '"text":"X');
    parts[index] = Uint8Array.from(gzipSync(rows));
    const copy = structuredClone(manifest);
    let offset = 0;
    copy.members.forEach((member, place) => {
      const sum = nodeChecksums.sha256();
      sum.update(parts[place]);
      Object.assign(member, { offset, length: parts[place].length, sha256: sum.hex() });
      offset += parts[place].length;
    });
    copy.dump.sizeBytes = offset;
    copy.dump.membersSha256 = digestOfDigests(copy.members.map(({ sha256 }) => sha256));
    await storeDump(joined(parts));
    await storeManifest(copy);
  }, /books.*digest/);

  await test.step("a manifest that changes between plan and apply is refused", async () => {
    const plan = await planRestore(stage.dependencies(target), { point, databaseOnly: true });
    await storeManifest({ ...manifest, finishedAt: "2026-11-21T03:00:00Z" });
    await assertRefused(applyRestore(stage.dependencies(target), plan), "backup_changed", /manifest/);
    await assertUntouched(target);
    await storeManifest(manifest);
  });

  await test.step("the whole backup is still restored", async () => {
    assert.equal((await restore()).status, "success");
  });
});

const noVersions = await versitygwIsMissing();
Deno.test({
  ...SHARED_SERVERS,
  name: "a dump that somebody deleted or wrote over is read from the version that was stored",
  ignore: noVersions !== undefined,
  async fn(test) {
    await using server = await startVersitygw({ versions: true });
    const store = storeOn(server);
    const stage = await RestoreStage.start();
    try {
      const source = await stage.source(18, LIBRARY);
      const point = await stage.backUp(source, {}, store);
      const key = dumpKey("sample", point);
      for (
        const [what, spoil] of [
          ["written over", () => store.put(key, new Uint8Array(10), { contentType: "text/plain" })],
          ["deleted", () => store.remove([key])],
        ] as const
      ) {
        await test.step(what, async () => {
          await spoil();
          const report = await stage.restore(await stage.empty(18), { point }, { store });
          assert.equal(report.status, "success");
        });
      }
    } finally {
      await stage[Symbol.asyncDispose]();
    }
  },
});

// deno-lint-ignore no-explicit-any -- an edited file may hold anything
type Editable = any;

const named = (name: string) => (table: { name: string }) => table.name === name;

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

function digestOfDigests(digests: readonly string[]): string {
  const sum = nodeChecksums.sha256();
  for (const digest of digests) sum.update(Uint8Array.from(digest.match(/../g)!, (hex) => parseInt(hex, 16)));
  return sum.hex();
}

stopServersAtTheEnd();

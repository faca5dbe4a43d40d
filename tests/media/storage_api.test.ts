import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { createClient } from "@supabase/supabase-js";
import { applySql } from "../../local/apply_sql.ts";
import { PUBLISHABLE_KEY, SECRET_KEY } from "../../local/keys.ts";
import { startPostgres } from "../../local/postgres.ts";
import { startSupabaseApi } from "../../local/supabase_api.ts";
import { nodeChecksums } from "../../supabase/functions/_shared/adapters/node/checksum.ts";
import { nodeGzip } from "../../supabase/functions/_shared/adapters/node/gzip.ts";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { createHttpStorageSource } from "../../supabase/functions/_shared/adapters/storage/http.ts";
import { mediaDetails } from "../../supabase/functions/_shared/contract/mod.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import { hasCode } from "../../supabase/functions/_shared/engine/errors.ts";
import { backupMedia } from "../../supabase/functions/_shared/engine/media/backup_media.ts";
import { migrate } from "../support/migrations.ts";
import { startS3rver, storeOn } from "../support/s3_server.ts";
import { plainRun, point } from "./plain_run.ts";
import { readStoredManifest, readStoredText } from "./stored.ts";

Deno.test("files that supabase-js uploaded to a real Storage API are copied as they are", async () => {
  const folder = await Deno.makeTempDir({ prefix: "lifeboat-storage-api-" });
  await Deno.chmod(folder, 0o755);
  const postgres = await startPostgres({ dataDir: join(folder, "data"), settings: { fsync: "off" } });
  const api = await startSupabaseApi({
    databaseUrl: postgres.superuserUrl,
    port: 0,
    objectsDir: join(folder, "objects"),
    apiUrl: "http://127.0.0.1",
  });
  await using server = await startS3rver();
  try {
    await applySql(postgres.superuserUrl, new URL("../../local/platform_database.sql", import.meta.url));
    await applySql(postgres.superuserUrl, new URL("json_string_metadata.sql", import.meta.url));
    const supabaseUrl = `http://127.0.0.1:${api.port}`;
    const supabase = createClient(supabaseUrl, SECRET_KEY, {
      auth: { persistSession: false, autoRefreshToken: false },
    });
    strictEqual((await supabase.storage.createBucket("profile-images", { public: false })).error, null);
    // Names with `%` and `#` are not tested here: supabase-js does not encode them, and this server keeps `%25` in
    // names.
    const names = [
      "a b.png",
      "a+b&c.png",
      "it's (1).png",
      "dir/sub/x.png",
      "empty.png",
      "gone.png",
      "ünï 🚣.png",
    ];
    const uploaded: string[] = [];
    for (const name of names) {
      const body = new TextEncoder().encode(name === "empty.png" ? "" : `content of ${name}`);
      const { error } = await supabase.storage.from("profile-images").upload(name, body, {
        contentType: "image/png",
        cacheControl: "60",
        metadata: { author: "Ada Example" },
      });
      // A server may refuse names. Those that it accepted must be copied.
      if (!error) uploaded.push(name);
    }
    ok(uploaded.length >= 6, `only ${uploaded}`);
    await migrate(postgres.url);

    const store = storeOn(server);
    const dependencies = {
      database: createPostgresDatabase({ url: postgres.url }),
      store,
      source: createHttpStorageSource({ supabaseUrl, secretKey: SECRET_KEY }),
      checksums: nodeChecksums,
      compressor: nodeGzip,
      clock: systemClock,
    };
    await dependencies.source.check();
    const outcome = await backupMedia(dependencies, { project: "sample" }, plainRun(point(1)));
    const details = mediaDetails.parse(outcome.details);
    deepStrictEqual([details.skipped, details.skewed, details.warnings], [[], [], []]);
    strictEqual(outcome.status, "success");
    const { objects } = await readStoredManifest(store, point(1));
    deepStrictEqual(
      objects.map((object) => object.path).sort(),
      [...uploaded].sort(),
    );
    for (const { path, s3Key, contentType, userMetadata } of objects) {
      strictEqual(await readStoredText(store, s3Key), path === "empty.png" ? "" : `content of ${path}`);
      strictEqual(contentType, "image/png");
      deepStrictEqual(userMetadata, { author: "Ada Example" });
      strictEqual((await store.head(s3Key)).contentType, "image/png");
    }

    let opened = 0;
    const counting = {
      ...dependencies.source,
      open: (...request: Parameters<typeof dependencies.source.open>) => {
        opened++;
        return dependencies.source.open(...request);
      },
    };
    const again = await backupMedia({ ...dependencies, source: counting }, { project: "sample" }, plainRun(point(2)));
    strictEqual(again.status, "success");
    strictEqual(opened, 0);

    await supabase.storage.from("profile-images").update("a b.png", new TextEncoder().encode("new content"), {
      contentType: "image/png",
    });
    await supabase.storage.from("profile-images").remove(["gone.png"]);
    const third = await backupMedia({ ...dependencies, source: counting }, { project: "sample" }, plainRun(point(3)));
    strictEqual(third.files, objects.length - 1);
    strictEqual(opened, 1);
    strictEqual(await readStoredText(store, "media-backups/profile-images/a b.png"), "new content");

    // To a key without rights Storage calls every object missing. Only `check` finds out that the key sees nothing.
    const publishable = createHttpStorageSource({ supabaseUrl, secretKey: PUBLISHABLE_KEY });
    const seen = await publishable.check().then(
      () => "accepted",
      (error) => hasCode(error, "source_refused") && "refused",
    );
    strictEqual(seen, "refused");
  } finally {
    await api.stop();
    await postgres.stop();
    await Deno.remove(folder, { recursive: true });
  }
});

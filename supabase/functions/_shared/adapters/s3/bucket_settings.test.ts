import { deepStrictEqual, rejects } from "node:assert/strict";
import { hasCode } from "../../engine/errors.ts";
import { createS3BucketSettings } from "./bucket_settings.ts";

/** The answers follow https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLifecycleConfiguration.html */
async function withAnswer(status: number, xml: string, work: (settings: ReturnType<typeof create>) => Promise<void>) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () =>
    new Response(xml, {
      status,
      headers: { "content-type": "application/xml", date: "Sat, 21 Nov 2026 02:17:00 GMT" },
    }));
  try {
    await work(create(server.addr.port));
  } finally {
    await server.shutdown();
  }
}

function create(port: number) {
  return createS3BucketSettings({
    bucket: "sample",
    region: "us-east-1",
    endpoint: `http://127.0.0.1:${port}`,
    accessKeyId: "sample-access-key",
    secretAccessKey: "sample-secret-access-key",
  });
}

const rule = (body: string) => `<Rule><ID>sample</ID>${body}</Rule>`;
const configuration = (...rules: string[]) =>
  `<?xml version="1.0"?><LifecycleConfiguration>${rules.map(rule).join("")}</LifecycleConfiguration>`;

Deno.test("reads enabled rules that remove by age, wherever their prefix stands", async () => {
  const xml = configuration(
    "<Status>Enabled</Status><Filter><Prefix>logs/</Prefix></Filter><Expiration><Days>30</Days></Expiration>",
    "<Status>Enabled</Status><Prefix>old/</Prefix><NoncurrentVersionExpiration><NoncurrentDays>7</NoncurrentDays></NoncurrentVersionExpiration>",
    "<Status>Enabled</Status><Filter><And><Prefix>both/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter><Expiration><Days>1</Days></Expiration>",
    "<Status>Enabled</Status><Filter/><AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload>",
    "<Status>Disabled</Status><Filter/><Expiration><Days>1</Days></Expiration>",
    "<Status>Enabled</Status><Filter/><Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>",
  );
  await withAnswer(200, xml, async (settings) => {
    deepStrictEqual(await settings.expiryRules(), [
      { id: "sample", prefix: "logs/", removes: "objects" },
      { id: "sample", prefix: "old/", removes: "old versions" },
      { id: "sample", prefix: "both/", removes: "objects" },
    ]);
  });
});

Deno.test("a bucket without rules says so by an error, a bucket that may not be asked by another", async () => {
  const error = (code: string) => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>Sample.</Message></Error>`;
  await withAnswer(404, error("NoSuchLifecycleConfiguration"), async (settings) => {
    deepStrictEqual(await settings.expiryRules(), []);
  });
  await withAnswer(403, error("AccessDenied"), async (settings) => {
    await rejects(settings.expiryRules(), (failure) => hasCode(failure, "store_refused"));
    await rejects(settings.versioning(), (failure) => hasCode(failure, "store_refused"));
    deepStrictEqual(await settings.clock(), new Date("2026-11-21T02:17:00Z"), "a refusal tells the time as well");
  });
});

Deno.test("versioning is on, suspended, or was never switched on", async () => {
  for (
    const [status, expected] of [["<Status>Enabled</Status>", "on"], ["<Status>Suspended</Status>", "suspended"], [
      "",
      "off",
    ]]
  ) {
    const xml = `<?xml version="1.0"?><VersioningConfiguration>${status}</VersioningConfiguration>`;
    await withAnswer(200, xml, async (settings) => deepStrictEqual(await settings.versioning(), expected));
  }
});

import { CreateBucketCommand, PutBucketVersioningCommand } from "@aws-sdk/client-s3";
import { createS3Client } from "../../supabase/functions/_shared/adapters/s3/client.ts";
import { locateBucket, type S3Settings } from "../../supabase/functions/_shared/adapters/s3/settings.ts";
import { freePort } from "../../local/ports.ts";
import { ChildServer, type S3Server, sendsSizedStreams } from "./s3_server.ts";

const binary = new URL("../../.tools/bin/versitygw", import.meta.url).pathname;
const installer = new URL("../../scripts/install_versitygw.sh", import.meta.url).pathname;

/**
 * Why versitygw cannot run on this machine, in words for a test's name; undefined when it can. Builds it if need be.
 * Throws in CI, where the tests against a real server are required.
 */
export async function versitygwIsMissing(): Promise<string | undefined> {
  const { code, stderr } = await new Deno.Command("bash", { args: [installer], stdin: "null" }).output();
  if (code === 0) return undefined;
  const reason = new TextDecoder().decode(stderr).trim();
  if (code !== 3 || Deno.env.get("CI") === "true") throw new Error(`versitygw is required here: ${reason}`);
  return reason;
}

/** versitygw, a real S3 server in Go that keeps objects as files. */
export async function startVersitygw(
  options: { versions?: boolean; tls?: { certificate: string; key: string } } = {},
): Promise<S3Server> {
  const { versions = false, tls } = options;
  const folder = await Deno.makeTempDir({ prefix: "lifeboat-versitygw-" });
  for (const name of ["objects", "sidecar", "versions"]) await Deno.mkdir(`${folder}/${name}`);
  const port = freePort();
  const process = new ChildServer(binary, [
    ...["--port", `127.0.0.1:${port}`, "--keep-alive", "--quiet"],
    ...(tls ? ["--cert", tls.certificate, "--key", tls.key] : []),
    "posix",
    ...["--sidecar", `${folder}/sidecar`],
    ...(versions ? ["--versioning-dir", `${folder}/versions`] : []),
    `${folder}/objects`,
  ], { ROOT_ACCESS_KEY: "lifeboat-sample-key", ROOT_SECRET_KEY: "lifeboat-sample-secret" });
  const settings = {
    bucket: "lifeboat",
    region: "us-east-1",
    endpoint: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    accessKeyId: "lifeboat-sample-key",
    secretAccessKey: "lifeboat-sample-secret",
  };
  const stop = async () => {
    await process.stop();
    await Deno.remove(folder, { recursive: true });
  };
  try {
    await process.answers(port);
    await createBucket(settings, versions);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name: versions ? "versitygw with versions" : "versitygw",
    settings,
    capabilities: {
      conditions: true,
      versions,
      uploadEnds: true,
      exactRanges: true,
      encodedCopySource: true,
      bulkRemoval: true,
      orderedListing: true,
      sizedStreams: sendsSizedStreams,
      validates: true,
    },
    [Symbol.asyncDispose]: stop,
  };
}

async function createBucket(settings: S3Settings, versions: boolean): Promise<void> {
  const client = createS3Client(settings, locateBucket(settings));
  await client.send(new CreateBucketCommand({ Bucket: settings.bucket }));
  if (versions) {
    await client.send(
      new PutBucketVersioningCommand({
        Bucket: settings.bucket,
        ChecksumAlgorithm: "MD5",
        VersioningConfiguration: { Status: "Enabled" },
      }),
    );
  }
}

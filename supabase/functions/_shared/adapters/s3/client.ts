import { createHash } from "node:crypto";
import { S3Client } from "@aws-sdk/client-s3";
import { FetchHttpHandler } from "@smithy/fetch-http-handler";
import { assertMd5 } from "./integrity.ts";
import { keyUnsafe, type S3Location, type S3Settings } from "./settings.ts";

/**
 * The SDK as it works on Deno 2.1.4 and against every provider: fetch instead of Node's http (which waits 6 s for
 * `100-continue` with each large PUT), no CRC32 (crashes Deno 2.1.4; R2, MinIO and OVH refuse it), no retries of its own
 * (`retryingStore` is the only one that retries), nothing read from environment or files.
 */
export function createS3Client(settings: S3Settings, location: S3Location): S3Client {
  const client = new S3Client({
    ...clientConfiguration(settings, location),
    requestHandler: new FetchHttpHandler({ requestInit: prepareRequest }),
  });
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const md5 = bindMd5(args.request as SdkRequest, storesBytes(context.commandName));
      const result = await next(args);
      if (md5 && storesBytes(context.commandName)) {
        const { headers } = result.response as { headers: Record<string, string> };
        assertMd5(new Headers(headers), md5, "s3.putStream", (args.input as { Key?: string }).Key);
      }
      return result;
    },
    // After the SDK's own checksums, which it replaces.
    { name: "lifeboatMd5", step: "build", priority: "low" },
  );
  return client;
}

/** What every client of the bucket is told. */
export function clientConfiguration(settings: S3Settings, location: S3Location) {
  return {
    region: settings.region,
    endpoint: location.endpoint,
    forcePathStyle: location.pathStyle,
    credentials: {
      accessKeyId: settings.accessKeyId,
      secretAccessKey: settings.secretAccessKey,
      sessionToken: settings.sessionToken,
    },
    maxAttempts: 1,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  } as const;
}

interface SdkRequest {
  protocol: string;
  hostname: string;
  path: string;
  headers: Record<string, string>;
  body?: unknown;
}

/** The last look at a signed request before it is sent. */
function prepareRequest(request: SdkRequest): RequestInit {
  if (new URL(`${request.protocol}//${request.hostname}${request.path}`).pathname !== request.path) {
    throw keyUnsafe(request.path, "s3.send", "a URL parser would change its address");
  }
  return {
    // Not signed, because proxies rewrite it: a body that was compressed on the way would not have the promised length.
    headers: new Headers({ ...request.headers, "accept-encoding": "identity" }),
    // A redirect of S3 means the wrong region. Followed, it would lose the signature and hide the mistake.
    redirect: "manual",
  };
}

function storesBytes(commandName: string | undefined): boolean {
  return commandName === "PutObjectCommand" || commandName === "UploadPartCommand";
}

/**
 * Adds the MD5 of the body to a request, where the SDK would send a CRC32 or nothing, and returns it. The MD5 is signed
 * and so binds the body to the signature: object bytes need not be hashed a second time with SHA-256.
 */
function bindMd5({ headers, body }: SdkRequest, isObject: boolean): string | undefined {
  if (!(body instanceof Uint8Array) && typeof body !== "string") return undefined;
  const md5 = createHash("md5").update(body).digest();
  for (const name of Object.keys(headers)) if (/^x-amz-(sdk-)?checksum-/i.test(name)) delete headers[name];
  headers["content-md5"] = md5.toString("base64");
  if (isObject) headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
  return md5.toString("hex");
}

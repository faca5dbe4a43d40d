import { createHash } from "node:crypto";
import { S3Client } from "@aws-sdk/client-s3";
import { FetchHttpHandler } from "@smithy/fetch-http-handler";
import { assertMd5 } from "./integrity.ts";
import { keyUnsafe, type S3Location, type S3Settings } from "./settings.ts";

/**
 * The AWS SDK, set up so that it works on Deno 2.1.4 and with every provider: it sends by fetch, since Node's http
 * waits 6 s for `100-continue` with each large PUT; it sends no CRC32, which crashes Deno 2.1.4 and which R2, MinIO and
 * OVH refuse; it does not retry, since `retryingStore` does; and it reads nothing from environment or files.
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
    // This step runs after the SDK's own checksums and replaces them.
    { name: "lifeboatMd5", step: "build", priority: "low" },
  );
  return client;
}

/** The configuration of every SDK client of the bucket. */
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

/** Turns a signed request into one for fetch. */
function prepareRequest(request: SdkRequest): RequestInit {
  if (new URL(`${request.protocol}//${request.hostname}${request.path}`).pathname !== request.path) {
    throw keyUnsafe(request.path, "s3.send", "a URL parser would change its address");
  }
  return {
    // A body that a proxy compresses would not have the promised length. The header is not signed, because proxies
    // rewrite it.
    headers: new Headers({ ...request.headers, "accept-encoding": "identity" }),
    // A redirect of S3 means that the region is wrong. Following it would lose the signature and hide the mistake.
    redirect: "manual",
  };
}

function storesBytes(commandName: string | undefined): boolean {
  return commandName === "PutObjectCommand" || commandName === "UploadPartCommand";
}

/**
 * Adds the MD5 of the body to a request, for which the SDK would send a CRC32 or nothing, and returns the MD5. It is a
 * signed header and so binds the body to the signature: the bytes need not be hashed a second time with SHA-256.
 */
function bindMd5({ headers, body }: SdkRequest, isObject: boolean): string | undefined {
  if (!(body instanceof Uint8Array) && typeof body !== "string") return undefined;
  const md5 = createHash("md5").update(body).digest();
  for (const name of Object.keys(headers)) if (/^x-amz-(sdk-)?checksum-/i.test(name)) delete headers[name];
  headers["content-md5"] = md5.toString("base64");
  if (isObject) headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
  return md5.toString("hex");
}

import { LifeboatError } from "../../engine/errors.ts";
import { keyProblem } from "../../engine/format/safe_key.ts";

export interface S3Settings {
  readonly bucket: string;
  /** AWS region, or `auto` for R2. */
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** For providers other than AWS, for example `https://<account>.r2.cloudflarestorage.com`. */
  readonly endpoint?: string;
  /**
   * `endpoint/bucket/key` instead of `bucket.endpoint/key`. Default: true with an endpoint or a bucket name with dots.
   */
  readonly forcePathStyle?: boolean;
  /** Absent where the provider encrypts by itself or refuses the header (R2). */
  readonly serverSideEncryption?: "AES256";
  /** Longest silence before the store counts as not answering, in milliseconds. Default 30,000. */
  readonly stallTimeoutMs?: number;
  /** Slowest upload that is waited for, since `fetch` shows no progress of what it sends. Default 262,144. */
  readonly slowestBytesPerSecond?: number;
  /** Size of the parts of `putStream`, at least 5 MiB. Default 8 MiB. */
  readonly streamPartBytes?: number;
  /** Number of parts that one `putStream` sends at once; each takes `streamPartBytes` of memory. Default 2. */
  readonly streamPartsAtOnce?: number;
  /** Size above which an object is copied in parts, and size of those parts. Default 5 GiB, which is S3's limit. */
  readonly largestCopyBytes?: number;
}

export interface S3Location {
  /** The server's address without a closing slash. */
  readonly endpoint: string;
  readonly pathStyle: boolean;
  /** The bucket's address; an object is at `<bucketUrl>/<key>`. */
  readonly bucketUrl: string;
}

/** Builds the addresses of server and bucket. Throws `s3_endpoint_invalid`. */
export function locateBucket(settings: S3Settings): S3Location {
  const domain = settings.region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const url = parseEndpoint(settings.endpoint ?? `https://s3.${settings.region}.${domain}`);
  // A bucket whose name has dots cannot be part of the host name, since TLS certificates of S3 cover one level of
  // names.
  const pathStyle = settings.forcePathStyle ?? (settings.endpoint !== undefined || settings.bucket.includes("."));
  const path = url.pathname.replace(/\/+$/, "");
  return {
    endpoint: `${url.protocol}//${url.host}${path}`,
    pathStyle,
    bucketUrl: pathStyle
      ? `${url.protocol}//${url.host}${path}/${settings.bucket}`
      : `${url.protocol}//${settings.bucket}.${url.host}${path}`,
  };
}

function parseEndpoint(endpoint: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash) return url;
  throw new LifeboatError({
    code: "s3_endpoint_invalid",
    kind: "permanent",
    message: "The S3 endpoint is not a plain http or https address.",
    hint: "Set it like https://s3.example.com, without user name, password, query or bucket.",
    operation: "s3.configure",
  });
}

/** Encodes a key for a URL by RFC 3986, keeping slashes. The SDK encodes keys in the same way. */
export function encodeKey(key: string): string {
  return key.split("/").map((segment) =>
    encodeURIComponent(segment).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
  ).join("/");
}

/** The address of an object. Throws `key_unsafe` for a key that would arrive at the store as another one. */
export function objectUrl(location: S3Location, key: string, operation: string): string {
  const problem = keyProblem(key);
  if (problem) throw keyUnsafe(key, operation, problem);
  const url = `${location.bucketUrl}/${encodeKey(key)}`;
  if (new URL(url).href !== url) throw keyUnsafe(key, operation, "a URL parser would change it");
  return url;
}

export function keyUnsafe(key: string, operation: string, problem: string): LifeboatError {
  return new LifeboatError({
    code: "key_unsafe",
    kind: "permanent",
    message: `The S3 key cannot be used: ${problem}.`,
    hint:
      "Nothing was sent. Objects with such names belong under an overflow key; report this if you did not make the key.",
    operation,
    subject: key,
  });
}

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import type { S3Call, S3Connection } from "./connection.ts";
import { assertMd5 } from "./integrity.ts";
import { keyUnsafe } from "./settings.ts";

/**
 * Sends the requests that make up nearly all of a backup (PUT of bytes in memory, GET and HEAD), signed by aws4fetch.
 * This takes a third of the SDK's CPU (docs/PERFORMANCE.md) and saves the 0.15 s that loading the SDK takes.
 *
 * The body is not hashed with SHA-256, not even over http: Content-MD5 is one of the signed headers, so that a store
 * refuses a body that was exchanged on the way. The body is a Uint8Array, because Deno's fetch sends a stream without
 * Content-Length, which S3 refuses.
 */
export class SignedRequests {
  // The signing key that is derived for each day. Keeping it saves four HMACs with every request.
  readonly #signingKeys = new Map<string, ArrayBuffer>();
  readonly #connection: S3Connection;

  constructor(connection: S3Connection) {
    this.#connection = connection;
  }

  /** Sends a PUT and returns the headers of the answer, after comparing their ETag with the body. May be repeated. */
  put(
    url: string,
    headers: Record<string, string>,
    body: Uint8Array<ArrayBuffer>,
    call: { operation: string; subject: string },
    signal?: AbortSignal,
    knownMd5?: string,
  ): Promise<Headers> {
    return this.#connection.ask({ ...call, sentBytes: body.byteLength }, signal, async (signal) => {
      const md5 = knownMd5 ? Buffer.from(knownMd5, "hex") : createHash("md5").update(body).digest();
      const request = await this.#sign("PUT", url, { ...headers, "content-md5": md5.toString("base64") }, call);
      const response = await fetch(url, { method: "PUT", headers: request, body, signal, redirect: "manual" });
      const text = await response.text();
      if (!response.ok) throw this.#refusal(response, text, call);
      assertMd5(response.headers, md5.toString("hex"), call.operation, call.subject);
      return response.headers;
    });
  }

  /** Sends a GET or HEAD. Throws the LifeboatError for any refusal. The caller reads the body or cancels it. */
  read(
    method: "GET" | "HEAD",
    url: string,
    headers: Record<string, string>,
    call: S3Call,
    signal?: AbortSignal,
  ): Promise<Response> {
    return this.#connection.ask(call, signal, async (signal) => {
      const request = await this.#sign(method, url, headers, call);
      // A compressed body would not have the promised length. The header is not signed, because proxies rewrite it.
      request.set("accept-encoding", "identity");
      const response = await fetch(url, { method, headers: request, signal, redirect: "manual" });
      if (!response.ok) throw this.#refusal(response, await response.text(), call);
      return response;
    });
  }

  async #sign(
    method: string,
    url: string,
    headers: Record<string, string>,
    call: S3Call,
  ): Promise<Headers> {
    const { accessKeyId, secretAccessKey, sessionToken, region } = this.#connection.settings;
    const signer = new AwsV4Signer({
      method,
      url,
      headers,
      accessKeyId,
      secretAccessKey,
      sessionToken,
      region,
      service: "s3",
      cache: this.#signingKeys,
    });
    const signed = await signer.sign();
    if (signed.url.href !== url) throw keyUnsafe(call.subject ?? url, call.operation, "signing changed its address");
    return signed.headers;
  }

  #refusal(response: Response, xml: string, call: S3Call): Error {
    return this.#connection.refusal({
      status: response.status,
      code: element(xml, "Code"),
      message: element(xml, "Message"),
      requestId: response.headers.get("x-amz-request-id") ?? undefined,
      retryAfter: response.headers.get("retry-after") ?? undefined,
    }, call);
  }
}

function element(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}

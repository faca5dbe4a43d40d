import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import type { S3Call, S3Connection } from "./connection.ts";
import { assertMd5 } from "./integrity.ts";
import { keyUnsafe } from "./settings.ts";

/**
 * The everyday path: PUT of bytes in memory, GET and HEAD, signed by aws4fetch and sent by fetch, at a third of the SDK's CPU
 * (docs/PERFORMANCE.md), and without loading it, which takes 0.15 s of a worker's 2 s. The payload is not hashed with SHA-256, over http neither: Content-MD5 is among the signed
 * headers, so a body that was exchanged on the way is refused all the same. The body is a Uint8Array because Deno's fetch
 * sends a stream without Content-Length, which S3 refuses.
 *
 * Returns the headers of the answer, whose ETag was compared. May be repeated.
 */
export class SignedRequests {
  // The derived signing key of the day: four HMACs that need not be repeated with every request.
  readonly #signingKeys = new Map<string, ArrayBuffer>();
  readonly #connection: S3Connection;

  constructor(connection: S3Connection) {
    this.#connection = connection;
  }

  /** Returns the headers of the answer, whose ETag was compared. May be repeated. */
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

  /** GET or HEAD; what is no success is thrown as what it means. The caller reads the body or cancels it. */
  read(
    method: "GET" | "HEAD",
    url: string,
    headers: Record<string, string>,
    call: S3Call,
    signal?: AbortSignal,
  ): Promise<Response> {
    return this.#connection.ask(call, signal, async (signal) => {
      const request = await this.#sign(method, url, headers, call);
      // Not signed, because proxies rewrite it: a body that was compressed on the way would not have the promised length.
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

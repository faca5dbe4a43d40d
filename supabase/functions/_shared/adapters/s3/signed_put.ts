import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import type { S3Call, S3Connection } from "./connection.ts";
import { assertMd5 } from "./integrity.ts";
import { keyUnsafe } from "./settings.ts";

/**
 * The hot path: one PUT of bytes in memory, signed by aws4fetch and sent by fetch, at a third of the SDK's CPU
 * (docs/PERFORMANCE.md). The payload is not hashed with SHA-256, over http neither: Content-MD5 is among the signed
 * headers, so a body that was exchanged on the way is refused all the same. The body is a Uint8Array because Deno's fetch
 * sends a stream without Content-Length, which S3 refuses.
 *
 * Returns the headers of the answer, whose ETag was compared. May be repeated.
 */
export class SignedPut {
  // The derived signing key of the day: four HMACs that need not be repeated with every request.
  readonly #signingKeys = new Map<string, ArrayBuffer>();
  readonly #connection: S3Connection;

  constructor(connection: S3Connection) {
    this.#connection = connection;
  }

  send(
    url: string,
    headers: Record<string, string>,
    body: Uint8Array<ArrayBuffer>,
    call: { operation: string; subject: string },
    signal?: AbortSignal,
    knownMd5?: string,
  ): Promise<Headers> {
    return this.#connection.ask({ ...call, sentBytes: body.byteLength }, signal, async (signal) => {
      const md5 = knownMd5 ? Buffer.from(knownMd5, "hex") : createHash("md5").update(body).digest();
      const request = await this.#sign(url, { ...headers, "content-md5": md5.toString("base64") }, call);
      const response = await fetch(url, { method: "PUT", headers: request, body, signal, redirect: "manual" });
      const text = await response.text();
      if (!response.ok) throw this.#refusal(response, text, call);
      assertMd5(response.headers, md5.toString("hex"), call.operation, call.subject);
      return response.headers;
    });
  }

  async #sign(url: string, headers: Record<string, string>, call: S3Call): Promise<Headers> {
    const { accessKeyId, secretAccessKey, sessionToken, region } = this.#connection.settings;
    const signer = new AwsV4Signer({
      method: "PUT",
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

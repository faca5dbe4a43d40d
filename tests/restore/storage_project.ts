import { Buffer } from "node:buffer";
import { md5 } from "../media/storage_server.ts";

export const SECRET_KEY = "sb_secret_sample-for-tests";

export interface StoredFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
  readonly contentType: string;
  readonly cacheControl: string;
  readonly metadata: unknown;
}

interface Upload {
  readonly name: string;
  readonly length: number;
  readonly details: Record<string, string>;
  readonly parts: Uint8Array<ArrayBuffer>[];
}

/** The writing side of Supabase Storage over real HTTP: buckets, uploads in one request and by TUS. */
export class StorageProject implements AsyncDisposable {
  readonly files = new Map<string, StoredFile>();
  readonly buckets = new Map<string, Record<string, unknown>>();
  /** Method and path of each request that changes something. */
  readonly writes: string[] = [];
  /** Path of each request that changes nothing. */
  readonly reads: string[] = [];
  /** Answers the next `times` writes with this status. */
  outage = { status: 503, times: 0 };
  /** Names of files that this Storage spoils: it takes each and keeps it with another first byte. */
  readonly spoils = new Set<string>();
  readonly #uploads = new Map<string, Upload>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(readonly speaksTus = true) {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  get settings() {
    return { supabaseUrl: `http://127.0.0.1:${this.#server.addr.port}`, secretKey: SECRET_KEY };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const path = pathname.replace("/storage/v1/", "");
    if (request.headers.get("apikey") !== SECRET_KEY) return refused("403", "Unauthorized");
    if (request.method !== "GET") {
      this.writes.push(`${request.method} ${path}`);
      if (this.outage.times-- > 0) {
        await request.body?.cancel();
        return Response.json({ message: "down" }, { status: this.outage.status });
      }
    }
    if (request.method === "GET") this.reads.push(path);
    if (path === "bucket") return await this.#bucket(request);
    if (path.startsWith("upload/resumable")) return this.speaksTus ? await this.#tus(request, path) : refusedRoute();
    const name = decodeURIComponent(path.replace(/^object\//, ""));
    if (request.method === "GET") return this.#read(name);
    return await this.#write(request, name);
  }

  async #bucket(request: Request): Promise<Response> {
    if (request.method === "POST") {
      const bucket = await request.json();
      this.buckets.set(bucket.id, bucket);
      return Response.json({ name: bucket.id });
    }
    return Response.json([...this.buckets.values()]);
  }

  #read(name: string): Response {
    const file = this.files.get(name);
    if (!file) return refused("404", "not_found");
    return new Response(file.bytes, {
      headers: {
        etag: `"${file.etag}"`,
        "content-type": file.contentType,
        "cache-control": file.cacheControl,
        "content-length": String(file.bytes.length),
      },
    });
  }

  async #write(request: Request, name: string): Promise<Response> {
    if (!this.buckets.has(name.split("/")[0])) return refused("404", "NoSuchBucket");
    if (this.files.has(name) && request.headers.get("x-upsert") !== "true") return refused("409", "Duplicate");
    let bytes;
    try {
      bytes = new Uint8Array(await request.arrayBuffer());
    } catch {
      // The client broke the upload off, so nothing is stored.
      return refused("400", "aborted");
    }
    if (this.spoils.has(name)) bytes[0] ^= 1;
    const metadata = request.headers.get("x-metadata");
    this.files.set(name, {
      bytes,
      etag: md5(bytes),
      contentType: request.headers.get("content-type")!,
      cacheControl: request.headers.get("cache-control")!,
      metadata: metadata === null ? null : JSON.parse(Buffer.from(metadata, "base64").toString()),
    });
    return Response.json({ Key: name });
  }

  async #tus(request: Request, path: string): Promise<Response> {
    if (request.method === "POST") {
      const details = Object.fromEntries(
        request.headers.get("upload-metadata")!.split(",").map((pair) => {
          const [name, value] = pair.split(" ");
          return [name, Buffer.from(value, "base64").toString()];
        }),
      );
      const name = `${details.bucketName}/${details.objectName}`;
      if (this.files.has(name) && request.headers.get("x-upsert") !== "true") return refused("409", "Duplicate");
      const id = crypto.randomUUID();
      this.#uploads.set(id, { name, length: Number(request.headers.get("upload-length")), details, parts: [] });
      // Behind a gateway Storage may answer with another host name than the client used.
      return new Response(null, {
        status: 201,
        headers: { location: `http://storage.internal:5000/storage/v1/upload/resumable/${id}` },
      });
    }
    const upload = this.#uploads.get(path.split("/").pop()!);
    if (!upload) return refused("404", "NoSuchUpload");
    const offset = upload.parts.reduce((sum, part) => sum + part.length, 0);
    if (Number(request.headers.get("upload-offset")) !== offset) return new Response(null, { status: 409 });
    upload.parts.push(new Uint8Array(await request.arrayBuffer()));
    const bytes = new Uint8Array(await new Blob(upload.parts).arrayBuffer());
    if (bytes.length === upload.length) {
      const { contentType, cacheControl, metadata } = upload.details;
      this.files.set(upload.name, {
        bytes,
        etag: `${md5(bytes)}-2`,
        contentType,
        cacheControl: /^\d+$/.test(cacheControl) ? `max-age=${cacheControl}` : cacheControl,
        metadata: metadata === undefined ? null : JSON.parse(metadata),
      });
    }
    return new Response(null, { status: 204, headers: { "upload-offset": String(bytes.length) } });
  }
}

function refused(statusCode: string, error: string): Response {
  return Response.json({ statusCode, error, message: error }, { status: 400 });
}

function refusedRoute(): Response {
  return Response.json({ message: "Route not found", error: "Not Found", statusCode: 404 }, { status: 404 });
}

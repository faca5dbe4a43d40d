import { freePort } from "../../local/ports.ts";
import { createS3ObjectStore } from "../../supabase/functions/_shared/adapters/s3/object_store.ts";
import type { S3Settings } from "../../supabase/functions/_shared/adapters/s3/settings.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { eventually } from "./eventually.ts";

/** The abilities of a server. A scenario that needs an ability which the server lacks is not run against it. */
export interface S3Capabilities {
  /** Respects `If-None-Match` and `If-Match` on PUT, complete, GET and HEAD. */
  readonly conditions: boolean;
  readonly versions: boolean;
  /** Forgets the parts of an aborted upload, and knows that an upload was completed before. */
  readonly uploadEnds: boolean;
  /** Answers the range `bytes=0-0` with one byte. */
  readonly exactRanges: boolean;
  /** Takes any name as the source of a copy, percent-encoded. */
  readonly encodedCopySource: boolean;
  /** Removes all objects of a folder in one request. */
  readonly bulkRemoval: boolean;
  /** Lists objects in the order of UTF-8 bytes, as S3 does. */
  readonly orderedListing: boolean;
  /** Compares the checksum that follows a stream of known length. False also where this Deno cannot send one. */
  readonly sizedStreams: boolean;
  /** Refuses wrong signatures, a body that is not what Content-MD5 says, and parts of uploads that are gone. */
  readonly validates: boolean;
}

/** A running S3 server with one empty bucket. */
export interface S3Server extends AsyncDisposable {
  readonly name: string;
  readonly settings: S3Settings & { readonly endpoint: string };
  readonly capabilities: S3Capabilities;
}

/** True when this Deno can send streams of known length. Only the command line does, which runs on a newer Deno. */
export const sendsSizedStreams = !Deno.version.deno.startsWith("2.1.");

/** A store on the server, with other settings where a test needs them. */
export function storeOn(server: S3Server, changes: Partial<S3Settings> = {}): ObjectStore {
  return createS3ObjectStore({ ...server.settings, ...changes });
}

/**
 * Starts s3rver from npm, which is quick. It crashes when a segment of a name is longer than about 230 bytes; what else
 * it cannot do is in its capabilities.
 */
export async function startS3rver(): Promise<S3Server> {
  const folder = await Deno.makeTempDir({ prefix: "lifeboat-s3rver-" });
  const port = freePort();
  const process = new ChildServer("node", [
    // s3rver signs the continuation of a listing with a cipher that OpenSSL 3 only has with this switch.
    "--openssl-legacy-provider",
    new URL("../../node_modules/s3rver/bin/s3rver.js", import.meta.url).pathname,
    ...["-d", folder, "-a", "127.0.0.1", "-p", String(port), "-s", "--no-vhost-buckets"],
    ...["--configure-bucket", "lifeboat"],
  ]);
  await process.answers(port);
  return {
    name: "s3rver",
    settings: {
      bucket: "lifeboat",
      region: "us-east-1",
      endpoint: `http://127.0.0.1:${port}`,
      accessKeyId: "S3RVER",
      secretAccessKey: "S3RVER",
    },
    capabilities: {
      conditions: false,
      versions: false,
      uploadEnds: false,
      exactRanges: false,
      encodedCopySource: false,
      bulkRemoval: false,
      orderedListing: false,
      sizedStreams: false,
      validates: false,
    },
    async [Symbol.asyncDispose]() {
      await process.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** A server that runs in a process of its own. */
export class ChildServer {
  readonly #child: Deno.ChildProcess;
  readonly #said: Promise<string>;
  #ended = false;

  constructor(command: string, args: string[], env: Record<string, string> = {}) {
    this.#child = new Deno.Command(command, { args, env, stdin: "null", stdout: "null", stderr: "piped" }).spawn();
    this.#said = new Response(this.#child.stderr).text();
    this.#child.status.then(() => this.#ended = true);
  }

  /** Waits until the port takes connections. */
  async answers(port: number, withinMs = 15_000): Promise<void> {
    try {
      await eventually("the server takes connections", () => this.#ended || takesConnections(port), withinMs);
    } catch (cause) {
      await this.stop();
      throw new Error(await this.#said, { cause });
    }
    if (this.#ended) throw new Error(`The server ended at once: ${await this.#said}`);
  }

  async stop(): Promise<void> {
    if (!this.#ended) this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.#said;
  }
}

async function takesConnections(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}

import { createS3ObjectStore } from "../../supabase/functions/_shared/adapters/s3/object_store.ts";
import type { S3Settings } from "../../supabase/functions/_shared/adapters/s3/settings.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { eventually } from "./eventually.ts";

/** What a server can do beyond the minimum; a scenario that needs more is not run against it. */
export interface S3Capabilities {
  /** `If-None-Match` and `If-Match` on PUT, complete, GET and HEAD. */
  readonly conditions: boolean;
  readonly versions: boolean;
  /** Forgets the parts of an aborted upload, and knows that an upload was completed before. */
  readonly uploadEnds: boolean;
  /** `bytes=0-0` is one byte. */
  readonly exactRanges: boolean;
  /** The source of a copy may be any name, percent-encoded. */
  readonly encodedCopySource: boolean;
  /** Removes all objects of a folder in one request. */
  readonly bulkRemoval: boolean;
  /** Listings in the order of UTF-8 bytes, as S3 gives them. */
  readonly orderedListing: boolean;
  /** Compares the checksum behind a stream of known length, and this Deno can send one. */
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

/** Only the command line sends such streams, which runs on a newer Deno than functions do. */
export const sendsSizedStreams = !Deno.version.deno.startsWith("2.1.");

/** A store on the server, with other settings where a test needs them. */
export function storeOn(server: S3Server, changes: Partial<S3Settings> = {}): ObjectStore {
  return createS3ObjectStore({ ...server.settings, ...changes });
}

/**
 * s3rver from npm, for quick starts. What it cannot do is in its capabilities; besides, it ends when a name's segment is
 * longer than about 230 bytes.
 */
export async function startS3rver(): Promise<S3Server> {
  const folder = await Deno.makeTempDir({ prefix: "lifeboat-s3rver-" });
  const port = freePort();
  const process = new ChildServer("node", [
    // Its listings sign their continuation with a cipher that OpenSSL 3 keeps behind this switch.
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

/** A port that nobody listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A server in a process of its own, ended by its id. */
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

import { strictEqual } from "node:assert/strict";
import type { ObjectStore, PutOptions } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { retryingStore } from "../../supabase/functions/_shared/engine/store/retrying_store.ts";
import { failsWith, keysUnder, piecesOf, readAll, sampleBytes } from "../conformance/object_store.ts";
import { type ConnectionFault, FaultyProxy, type SeenRequest } from "./faulty_proxy.ts";
import { type S3Server, startS3rver, storeOn } from "./s3_server.ts";
import { startVersitygw, versitygwIsMissing } from "./versitygw.ts";

export const MEBIBYTE = 1024 * 1024;
export const plain: PutOptions = { contentType: "text/plain" };
export const small = new TextEncoder().encode("sample");
export const large = sampleBytes(6 * MEBIBYTE);

/** What a scenario of faults gets: a store behind a proxy that misbehaves when armed. */
export interface StoreStage {
  readonly proxy: FaultyProxy;
  /** The store without repetitions. */
  readonly store: ObjectStore;
  /** The store with repetitions. It does not wait between them, but records in `waitsMs` how long it would. */
  readonly retrying: ObjectStore;
  readonly waitsMs: number[];
  readonly server: S3Server;
}

const missing = await versitygwIsMissing();

export function scenario(name: string, run: (stage: StoreStage) => Promise<void>): void {
  Deno.test({ name: missing ? `${name} (on s3rver: ${missing})` : name, fn: () => onStage(run) });
}

async function onStage(run: (stage: StoreStage) => Promise<void>): Promise<void> {
  await using server = missing ? await startS3rver() : await startVersitygw();
  await using proxy = new FaultyProxy(server.settings.endpoint);
  const store = storeOn(server, { endpoint: proxy.url, stallTimeoutMs: 400, streamPartBytes: 5 * MEBIBYTE });
  const waitsMs: number[] = [];
  const clock = { now: () => new Date(), sleep: (ms: number) => Promise.resolve(void waitsMs.push(ms)) };
  await run({ proxy, store, retrying: retryingStore(store, clock, () => 0.5), waitsMs, server });
}

/** Each kind of request, with a way to recognise it in the proxy. */
export const operations: Record<
  string,
  { ask(store: ObjectStore, key: string): Promise<unknown>; is(r: SeenRequest): boolean }
> = {
  head: { ask: (store, key) => store.head(key), is: (r) => r.method === "HEAD" },
  get: { ask: (store, key) => readAll(store, key), is: (r) => r.method === "GET" },
  list: { ask: (store, key) => keysUnder(store, key), is: (r) => r.target.includes("list-type=2") },
  put: { ask: (store, key) => store.put(key, small, plain), is: (r) => r.method === "PUT" },
  putStream: { ask: (store, key) => store.putStream(key, piecesOf(small, 2), plain), is: (r) => r.method === "PUT" },
  openUpload: { ask: (store, key) => store.openUpload(key, plain), is: (r) => r.target.includes("uploads") },
  putPart: {
    ask: async (store, key) => (await store.openUpload(key, plain)).putPart(1, small),
    is: (r) => r.target.includes("partNumber=1"),
  },
  complete: {
    async ask(store, key) {
      const upload = await store.openUpload(key, plain);
      return await upload.complete([await upload.putPart(1, small)]);
    },
    is: (r) => r.method === "POST" && r.target.includes("uploadId="),
  },
  copy: { ask: (store, key) => store.copy(key, `${key}-copy`), is: (r) => r.headers.has("x-amz-copy-source") },
  remove: { ask: (store, key) => store.remove([key]), is: (r) => r.target.includes("delete") },
};

/** Arms a fault for each kind of request in turn: it fails with the code, and succeeds when asked again. */
export async function everyOperation(stage: StoreStage, fault: ConnectionFault, code: string): Promise<void> {
  for (const [name, { ask, is }] of Object.entries(operations)) {
    await stage.store.put(`a-${name}`, small, plain);
    stage.proxy.arm(fault, is);
    const failure = await failsWith(code, ask(stage.store, `a-${name}`));
    strictEqual(failure.operation?.startsWith("s3."), true, name);
    if (name === "putStream") continue;
    await stage.store.put(`a-${name}`, small, plain);
    stage.proxy.arm(fault, is);
    await ask(stage.retrying, `a-${name}`);
  }
}

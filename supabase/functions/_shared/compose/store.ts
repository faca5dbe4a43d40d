import { createS3ObjectStore } from "../adapters/s3/object_store.ts";
import type { S3Settings } from "../adapters/s3/settings.ts";
import type { Configuration, StoreConfiguration } from "../config/mod.ts";
import { systemClock } from "../engine/clock.ts";
import { limitingStore } from "../engine/store/limiting_store.ts";
import type { ObjectStore } from "../engine/store/object_store.ts";
import { prefixedStore } from "../engine/store/prefixed_store.ts";
import { retryingStore } from "../engine/store/retrying_store.ts";

const MEBIBYTE = 1024 * 1024;

/** Retries are outermost, so that a request holds no slot while it waits to be repeated. */
export function composeStore({ store }: Configuration): ObjectStore {
  return prefixedStore(stacked(s3SettingsOf(store)), store.prefix);
}

export function s3SettingsOf(store: StoreConfiguration): S3Settings {
  return {
    bucket: store.bucket,
    region: store.region,
    accessKeyId: store.accessKeyId.reveal(),
    secretAccessKey: store.secretAccessKey.reveal(),
    ...store.endpoint && { endpoint: store.endpoint },
    forcePathStyle: store.forcePathStyle,
    ...store.serverSideEncryption && { serverSideEncryption: store.serverSideEncryption },
  };
}

/** Builds the store of the Cloudflare R2 bucket that the inventory is compared with. */
export function composeR2Store(r2: NonNullable<Configuration["r2"]["store"]>): ObjectStore {
  return stacked({
    bucket: r2.bucket,
    region: "auto",
    endpoint: r2.endpoint,
    accessKeyId: r2.accessKeyId.reveal(),
    secretAccessKey: r2.secretAccessKey.reveal(),
  });
}

function stacked(settings: S3Settings): ObjectStore {
  const streams = { streamBytes: 16 * MEBIBYTE, sizedStreamBytes: 3 * MEBIBYTE };
  const limits = { requests: 24, bytes: 64 * MEBIBYTE, ...streams };
  return retryingStore(limitingStore(createS3ObjectStore(settings), limits), systemClock, Math.random);
}

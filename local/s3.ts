import { fileURLToPath } from "node:url";
import { S3_ACCESS_KEY_ID, S3_BUCKET, S3_SECRET_ACCESS_KEY } from "./keys.ts";
import { type ReadyChild, startReadyChild } from "./ready_child.ts";

export interface S3Options {
  /** 0 takes a free port. */
  readonly port: number;
  readonly dataDir: string;
  readonly onLine?: (line: string) => void;
}

/** Starts an S3 server that holds the bucket `lifeboat-backups`. Throws `part_failed`. */
export function startS3(options: S3Options): Promise<ReadyChild> {
  return startReadyChild({
    name: "s3",
    command: "node",
    args: ["--openssl-legacy-provider", fileURLToPath(new URL("s3_server.mjs", import.meta.url))],
    env: {
      NO_COLOR: "1",
      LOCAL_SETTINGS: JSON.stringify({
        port: options.port,
        directory: options.dataDir,
        bucket: S3_BUCKET,
        accessKeyId: S3_ACCESS_KEY_ID,
        secretAccessKey: S3_SECRET_ACCESS_KEY,
      }),
    },
    onLine: options.onLine,
  });
}

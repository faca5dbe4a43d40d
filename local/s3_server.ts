// A process of its own: s3rver, an S3 server that keeps objects on disk. It knows neither versions nor conditional writes.
import { createRequire } from "node:module";
import { READY } from "./ready_line.ts";

const settings: { port: number; directory: string; bucket: string; accessKeyId: string; secretAccessKey: string } = JSON
  .parse(Deno.env.get("LOCAL_SETTINGS")!);

const require = createRequire(import.meta.url);
const S3rver = require("s3rver");
require("s3rver/lib/models/account").DUMMY_ACCOUNT.createKeyPair(settings.accessKeyId, settings.secretAccessKey);

const { port } = await new S3rver({
  address: "127.0.0.1",
  port: settings.port,
  silent: true,
  directory: settings.directory,
  vhostBuckets: false,
  configureBuckets: [{ name: settings.bucket }],
}).run();
console.log(`${READY}${port}`);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => Deno.exit(0));
}

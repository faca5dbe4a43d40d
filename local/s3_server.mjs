// Runs s3rver in its own process: an S3 server that keeps objects on disk, without versions and conditional writes. It
// runs on Node, whose OpenSSL can enable the old cipher with which s3rver signs the continuation of listings.
import { createRequire } from "node:module";
import process from "node:process";

/** @type {{ port: number, directory: string, bucket: string, accessKeyId: string, secretAccessKey: string }} */
const settings = JSON.parse(process.env.LOCAL_SETTINGS);

const require = createRequire(import.meta.url);
const S3rver = require("s3rver");
require("s3rver/lib/models/account").DUMMY_ACCOUNT.createKeyPair(settings.accessKeyId, settings.secretAccessKey);

/** Rules that an owner gives a bucket, so that the admin page may turn a dump into plain JSON in the browser. */
const cors = `<CORSConfiguration><CORSRule>
  <AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>
</CORSRule></CORSConfiguration>`;

const { port } = await new S3rver({
  address: "127.0.0.1",
  port: settings.port,
  silent: true,
  directory: settings.directory,
  vhostBuckets: false,
  configureBuckets: [{ name: settings.bucket, configs: [cors] }],
}).run();
// This is READY of ready_line.ts.
console.log(`@@ready ${port}`);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0));

/**
 * Measures CPU (user and system, of this process alone) of uploading 64 MiB in parts of 8 MiB to a versitygw on this
 * machine, for each way of sending, on the Deno that runs this file; and what each way adds to a function's bundle.
 *
 * node scripts/deno.mjs --edge run -A --no-check bench/s3_upload.ts [--tls]
 *
 * Every measurement has its own process, so that none profits from code that another has warmed up.
 */
import { CreateMultipartUploadCommand, S3Client, UploadPartCommand } from "@aws-sdk/client-s3";
import { FetchHttpHandler } from "@smithy/fetch-http-handler";
import { AwsV4Signer } from "aws4fetch";
import { sampleBytes } from "../tests/conformance/object_store.ts";
import { storeOn } from "../tests/support/s3_server.ts";
import { startVersitygw, versitygwIsMissing } from "../tests/support/versitygw.ts";
import type { S3Settings } from "../supabase/functions/_shared/adapters/s3/settings.ts";

const MEBIBYTE = 1024 * 1024;
const PART_BYTES = 8 * MEBIBYTE;
const PARTS = 8;
const ROUNDS = 3;

type Settings = S3Settings & { endpoint: string };

/** Each way of sending, which uploads the parts one after another. */
const WAYS: Record<string, (settings: Settings, bytes: Uint8Array<ArrayBuffer>) => Promise<void>> = {
  "nothing (start and sample bytes)": () => Promise.resolve(),
  "SDK, Node handler": (settings, bytes) => bySdk(sdkClient(settings, {}), settings, bytes),
  "SDK, Fetch handler": (settings, bytes) =>
    bySdk(sdkClient(settings, { requestHandler: new FetchHttpHandler() }), settings, bytes),
  "aws4fetch, SHA-256 of the payload": (settings, bytes) => byAws4fetch(settings, bytes, true),
  "aws4fetch, UNSIGNED-PAYLOAD": (settings, bytes) => byAws4fetch(settings, bytes, false),
  "ObjectStore putPart (MD5, compared)": async (settings, bytes) => {
    const upload = await storeOn({ settings } as Parameters<typeof storeOn>[0]).openUpload("bench", {
      contentType: "application/octet-stream",
    });
    for (let number = 1; number <= PARTS; number++) await upload.putPart(number, bytes);
  },
  "ObjectStore putStream (lib-storage)": async (settings, bytes) => {
    async function* stream() {
      for (let number = 1; number <= PARTS; number++) yield await Promise.resolve(bytes);
    }
    const store = storeOn({ settings } as Parameters<typeof storeOn>[0]);
    await store.putStream("bench", stream(), { contentType: "application/octet-stream" });
  },
};

function sdkClient(settings: Settings, more: ConstructorParameters<typeof S3Client>[0]): S3Client {
  return new S3Client({
    region: settings.region,
    endpoint: settings.endpoint,
    forcePathStyle: true,
    credentials: settings,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    ...more,
  });
}

async function bySdk(client: S3Client, settings: Settings, Body: Uint8Array): Promise<void> {
  const target = { Bucket: settings.bucket, Key: "bench" };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
  for (let PartNumber = 1; PartNumber <= PARTS; PartNumber++) {
    await client.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body }));
  }
  client.destroy();
}

async function byAws4fetch(settings: Settings, body: Uint8Array<ArrayBuffer>, hashed: boolean): Promise<void> {
  const client = sdkClient(settings, { requestHandler: new FetchHttpHandler() });
  const target = { Bucket: settings.bucket, Key: "bench" };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
  for (let number = 1; number <= PARTS; number++) {
    const url = `${settings.endpoint}/${settings.bucket}/bench?partNumber=${number}&uploadId=${UploadId}`;
    const sha256 = hashed ? hex(await crypto.subtle.digest("SHA-256", body)) : "UNSIGNED-PAYLOAD";
    const headers = { "x-amz-content-sha256": sha256 };
    const signed = await new AwsV4Signer({ ...settings, method: "PUT", url, headers, service: "s3" }).sign();
    const response = await fetch(url, { method: "PUT", headers: signed.headers, body });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`The part was answered with ${response.status}.`);
  }
}

function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** CPU of this process so far, in ms: fields 14 and 15 of /proc/self/stat, in ticks of 10 ms. */
function cpuMs(): number {
  const fields = Deno.readTextFileSync("/proc/self/stat").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function measure(way: string, settings: Settings): Promise<void> {
  const bytes = sampleBytes(PART_BYTES);
  const before = cpuMs();
  await WAYS[way](settings, bytes);
  console.log(cpuMs() - before);
}

async function measureAll(tls?: { certificate: string; key: string }): Promise<void> {
  const missing = await versitygwIsMissing();
  if (missing) throw new Error(missing);
  await using server = await startVersitygw({ tls });
  const sizeMiB = PARTS * PART_BYTES / MEBIBYTE;
  console.log(
    `Deno ${Deno.version.deno}, ${tls ? "https" : "http"}, ${sizeMiB} MiB in parts of ${PART_BYTES / MEBIBYTE} MiB`,
  );
  console.log("| way | CPU ms, median | CPU ms per MiB |\n|---|---|---|");
  for (const way of Object.keys(WAYS)) {
    const measured: number[] = [];
    for (let round = 0; round < ROUNDS; round++) measured.push(await cpuInChild(way, server.settings));
    const median = measured.sort((one, other) => one - other)[Math.floor(ROUNDS / 2)];
    console.log(`| ${way} | ${median} | ${(median / sizeMiB).toFixed(1)} |`);
  }
}

async function cpuInChild(way: string, settings: Settings): Promise<number> {
  return Number(await runSelf(["--one", way, JSON.stringify(settings)]));
}

/** Runs this file in a new process and returns its output. */
async function runSelf(args: string[], env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", import.meta.filename!, ...args],
    env,
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

async function selfSigned(): Promise<{ certificate: string; key: string }> {
  const folder = await Deno.makeTempDir({ prefix: "lifeboat-bench-" });
  const files = { certificate: `${folder}/certificate.pem`, key: `${folder}/key.pem` };
  const args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"];
  const names = ["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"];
  const { code, stderr } = await new Deno.Command("openssl", {
    args: [...args, ...names, "-keyout", files.key, "-out", files.certificate],
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return files;
}

const [mode, ...args] = Deno.args;
if (mode === "--one") await measure(args[0], JSON.parse(args[1]));
else if (mode === "--with-certificate") await measureAll({ certificate: args[0], key: args[1] });
else if (mode === "--tls") {
  const { certificate, key } = await selfSigned();
  // Deno reads trusted certificates only when it starts.
  try {
    console.log(await runSelf(["--with-certificate", certificate, key], { DENO_CERT: certificate }));
  } finally {
    await Promise.all([Deno.remove(certificate), Deno.remove(key)]);
  }
} else await measureAll();

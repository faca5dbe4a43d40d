import { dumpManifest } from "../../../supabase/functions/_shared/contract/mod.ts";
import { readAnswer } from "../../lib/page-error.ts";
import { fetchStored } from "./fetch-stored.ts";
import { plainJson } from "./plain-json.ts";
import { requestLink } from "./request-link.ts";
import { saveAs } from "./save-as.ts";
import { openScratchFile } from "./scratch-file.ts";

/** Long enough for the browser to have begun copying the file. */
const keepUrlMs = 60_000;

/**
 * Downloads the dump as plain JSON, decompressed here: no server has to. `onProgress` is told the share of bytes done.
 * Throws `PageError`, also when a byte is not what the manifest says.
 */
export async function downloadPlainJson(
  runId: string,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const manifestLink = await requestLink(runId, "manifest", signal);
  const manifestText = await (await fetchStored(manifestLink.url, signal)).json();
  const manifest = readAnswer(dumpManifest, manifestText, "The manifest");
  const dumpLink = await requestLink(runId, "dump", signal);
  const { body } = await fetchStored(dumpLink.url, signal);
  const fileName = dumpLink.fileName.replace(/\.gz$/, "");
  const file = await openScratchFile(fileName);
  try {
    let done = 0;
    for await (const bytes of plainJson(body!, manifest)) {
      signal.throwIfAborted();
      await file.write(bytes);
      done += bytes.length;
      onProgress(done / manifest.dump.rawBytes);
    }
  } catch (error) {
    await file.discard();
    throw error;
  }
  const url = URL.createObjectURL(await file.finish());
  saveAs(url, fileName);
  setTimeout(() => URL.revokeObjectURL(url), keepUrlMs);
}

import { dumpManifest } from "../../../supabase/functions/_shared/contract/mod.ts";
import { parseAnswer } from "../../lib/page-error.ts";
import { fetchStored } from "./fetch-stored.ts";
import { plainJson } from "./plain-json.ts";
import { requestLink } from "./request-link.ts";
import { saveAs } from "./save-as.ts";
import { openScratchFile } from "./scratch-file.ts";

/** Long enough for the browser to begin copying the file. */
const KEEP_URL_MS = 60_000;

/**
 * Downloads the dump as plain JSON and decompresses it in the browser, so that no server has to. `onProgress` gets the
 * share of bytes that are done. Throws `PageError`, also when a byte differs from the manifest.
 */
export async function downloadPlainJson(
  runId: string,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const manifestLink = await requestLink(runId, "manifest", signal);
  const manifestText = await (await fetchStored(manifestLink.url, signal)).json();
  const manifest = parseAnswer(dumpManifest, manifestText, "The manifest");
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
  setTimeout(() => URL.revokeObjectURL(url), KEEP_URL_MS);
}

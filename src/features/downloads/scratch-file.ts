/** A temporary file of this page on disk, so that a large download does not fill the memory. */
export interface ScratchFile {
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Ends the writing. The file exists until the next one is made. */
  finish(): Promise<Blob>;
  discard(): Promise<void>;
}

const FOLDER_NAME = "downloads";

/**
 * Opens an empty temporary file in the origin's private file system, and removes those of earlier downloads. In
 * browsers without one (some private windows), bytes are kept in memory.
 */
export async function openScratchFile(name: string): Promise<ScratchFile> {
  try {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(FOLDER_NAME, { recursive: true }).catch(ignoreMissing);
    const folder = await root.getDirectoryHandle(FOLDER_NAME, { create: true });
    const handle = await folder.getFileHandle(name, { create: true });
    const writable = await handle.createWritable();
    return {
      write: (bytes) => writable.write(bytes),
      async finish() {
        await writable.close();
        return await handle.getFile();
      },
      discard: () => writable.abort(),
    };
  } catch {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    return {
      write: (bytes) => Promise.resolve(void chunks.push(bytes)),
      finish: () => Promise.resolve(new Blob(chunks)),
      discard: () => Promise.resolve(void chunks.splice(0)),
    };
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof DOMException) || error.name !== "NotFoundError") throw error;
}

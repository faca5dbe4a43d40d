import { join } from "node:path";

/** A value that changes with the files in the folders: newest modification time and number of files. */
export async function sourceVersion(...folders: string[]): Promise<string> {
  let newest = 0;
  let files = 0;
  const visit = async (folder: string): Promise<void> => {
    try {
      for await (const item of Deno.readDir(folder)) {
        const path = join(folder, item.name);
        if (item.isDirectory) await visit(path);
        else {
          files++;
          newest = Math.max(newest, (await Deno.stat(path)).mtime?.getTime() ?? 0);
        }
      }
    } catch (error) {
      // `_shared` is optional, and an editor may remove a file meanwhile.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  };
  for (const folder of folders) await visit(folder);
  return `${newest}/${files}`;
}

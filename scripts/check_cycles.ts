// Checks that no file imports itself through others, types included, and no folder of the engine needs one that needs
// it. Otherwise a reader would have to read the whole circle to understand or move one of its parts.
import process from "node:process";
import { importsOf, sourceFiles } from "./import_graph.ts";

const ENGINE = "supabase/functions/_shared/engine/";
const files = new Map<string, Set<string>>();
for (const start of ["supabase/functions/", "cli/", "local/", "src/", "bench/", "scripts/", "tests/"]) {
  for await (const path of sourceFiles(start)) files.set(path, new Set(await importsOf(path)));
}

const folders = new Map<string, Set<string>>();
for (const [path, targets] of files) {
  const folder = folderOf(path);
  if (folder === undefined || /\.test\.ts$/.test(path)) continue;
  const known = folders.get(folder) ?? new Set();
  for (const target of targets) {
    const other = folderOf(target);
    if (other !== undefined && other !== folder) known.add(other);
  }
  folders.set(folder, known);
}

function folderOf(path: string): string | undefined {
  if (!path.startsWith(ENGINE)) return undefined;
  const [folder, file] = path.slice(ENGINE.length).split("/");
  return file === undefined ? undefined : folder;
}

/** Groups of files that reach each other (Tarjan), each sorted. */
function circles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const found: string[][] = [];
  const places = new Map<string, { index: number; low: number; onStack: boolean }>();
  const stack: string[] = [];
  const visit = (node: string) => {
    const place = { index: places.size, low: places.size, onStack: true };
    places.set(node, place);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      const known = places.get(next);
      if (!known) place.low = Math.min(place.low, visit(next).low);
      else if (known.onStack) place.low = Math.min(place.low, known.index);
    }
    if (place.low === place.index) {
      const group = stack.splice(stack.indexOf(node));
      for (const member of group) places.get(member)!.onStack = false;
      if (group.length > 1 || graph.get(node)?.has(node)) found.push(group.sort());
    }
    return place;
  };
  for (const node of graph.keys()) if (!places.has(node)) visit(node);
  return found;
}

const ofFiles = circles(files);
const ofFolders = circles(folders);
for (const group of ofFiles) console.error(`a circle of files: ${group.join(", ")}`);
for (const group of ofFolders) console.error(`a circle of folders of the engine: ${group.join(", ")}`);
const count = ofFiles.length + ofFolders.length;
console.log(count === 0 ? "no circles" : `${count} circles`);
process.exit(count === 0 ? 0 : 1);

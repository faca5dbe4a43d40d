// Checks that each edge function, bundled with its packages, is below the 5 MB that the platform accepts when it
// bundles itself (https://supabase.com/docs/guides/functions/limits).
import process from "node:process";
import { bundledBytes, functionNames, stopBuilding } from "./function_bundles.ts";

const LIMIT_BYTES = 5 * 1000 * 1000;
let tooLarge = 0;
for (const name of await functionNames()) {
  const bytes = await bundledBytes(name);
  console.log(`${name}: ${(bytes / 1e6).toFixed(2)} MB`);
  if (bytes > LIMIT_BYTES) tooLarge++;
}
await stopBuilding();
process.exit(tooLarge === 0 ? 0 : 1);

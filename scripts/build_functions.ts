// Builds the edge functions as they are deployed for a release: one minified file each, below dist/supabase.
import { buildFunctions, functionNames, stopBuilding } from "./function_bundles.ts";

await buildFunctions();
await stopBuilding();
console.log(`${(await functionNames()).join(", ")}: built into dist/supabase`);
console.log("Deploy them: supabase functions deploy --project-ref REF --use-api --workdir dist");

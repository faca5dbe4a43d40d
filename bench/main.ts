// npm run bench -- <name>: measures, and prints JSON. docs/PERFORMANCE.md has the figures and what they mean.
import process from "node:process";
import { functionMemory } from "./function_memory.ts";

const [name, ...rest] = Deno.args;
const option = (flag: string, otherwise: number) => {
  const at = rest.indexOf(`--${flag}`);
  return at < 0 ? otherwise : Number(rest[at + 1]);
};
const benches: Record<string, () => Promise<unknown>> = {
  "function-memory": () => functionMemory(option("gigabytes", 2)),
};
if (!benches[name]) {
  console.error(`Which one? ${Object.keys(benches).join(", ")}`);
  process.exit(2);
}
console.log(JSON.stringify(await benches[name](), null, 2));

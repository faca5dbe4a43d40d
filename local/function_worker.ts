// Runs in the process of one edge function, on the Deno that hosted functions are compatible with. Loads `export
// default { fetch }` or the handler given to Deno.serve, and answers on a free port.
import { AsyncLocalStorage } from "node:async_hooks";
import { READY } from "./ready_line.ts";
import { TextLineStream } from "./text_lines.ts";
import { INVOCATION, PENDING, UNLOAD } from "./worker_lines.ts";

const [file, name] = Deno.args;
type Handler = (request: Request) => Response | Promise<Response>;
const serve = Deno.serve;
let handler: Handler | undefined;
const current = new AsyncLocalStorage<{ readonly number: string; pending: number }>();
/** The invocation for work that no request began. */
const NO_REQUEST = { number: "0", pending: 0 };

// As on the platform, work after the response keeps the worker alive, and its failure is logged without ending it.
Object.assign(globalThis, {
  EdgeRuntime: {
    waitUntil(promise: Promise<unknown>): void {
      const invocation = current.getStore() ?? NO_REQUEST;
      const count = (change: number) => {
        invocation.pending += change;
        console.log(`${PENDING}${invocation.number} ${invocation.pending}`);
      };
      count(1);
      Promise.resolve(promise).catch((error) => console.error("waitUntil:", error)).finally(() => count(-1));
    },
  },
});
Object.defineProperty(Deno, "serve", {
  value: (...given: unknown[]) => {
    const options = given.find((value) => typeof value === "object" && value !== null) as { handler?: Handler };
    handler = given.find((value) => typeof value === "function") as Handler ?? options?.handler;
    return { finished: new Promise(() => {}), shutdown: () => Promise.resolve(), ref() {}, unref() {} };
  },
});

async function listenToHost(): Promise<void> {
  for await (
    const line of Deno.stdin.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
  ) {
    const detail = { reason: line.slice(UNLOAD.length) };
    globalThis.dispatchEvent(new CustomEvent("beforeunload", { detail, cancelable: true }));
  }
}
listenToHost();

const module = await import(file);
handler ??= module.default?.fetch?.bind(module.default);
if (handler === undefined) {
  throw new TypeError(`${name} neither exports \`default { fetch }\` nor calls Deno.serve.`);
}

const answer = handler;
serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(`${READY}${port}`),
  onError: (error) => {
    console.error(error);
    return Response.json({
      code: "WORKER_ERROR",
      message: "Function exited due to an error (please check logs)",
    }, { status: 500 });
  },
}, (request) => {
  const number = request.headers.get(INVOCATION) ?? "0";
  const plain = new Request(request);
  plain.headers.delete(INVOCATION);
  return current.run({ number, pending: 0 }, () => answer(plain));
});

// A function that takes too much: each path of one thing. It tells the test of `beforeunload` and of its work.
declare const EdgeRuntime: { waitUntil(promise: Promise<unknown>): void };

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const tellUrl = Deno.env.get("TELL_URL")!;

async function tell(what: string): Promise<void> {
  const answer = await fetch(`${tellUrl}/${what}`, { method: "POST", body: String(Deno.pid) });
  await answer.body?.cancel();
}

addEventListener("beforeunload", (event) => void tell((event as CustomEvent).detail.reason));

export default {
  async fetch(request: Request): Promise<Response> {
    switch (new URL(request.url).pathname) {
      case "/greedy/burn": {
        let until = 0;
        while (true) {
          if (performance.now() < until) continue;
          await pause(0);
          until = performance.now() + 20;
        }
      }
      case "/greedy/hoard": {
        const kept: Uint8Array[] = [];
        while (true) {
          kept.push(new Uint8Array(1_000_000).fill(kept.length));
          await pause(10);
        }
      }
      case "/greedy/stay":
        await new Promise(() => {});
        break;
      case "/greedy/later":
        EdgeRuntime.waitUntil(tell("work"));
        return new Response(null, { status: 202 });
    }
    return new Response(String(Deno.pid));
  },
};

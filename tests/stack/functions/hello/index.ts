// A function as the host's tests need it: each path does one thing that hosts have to cope with.
declare const EdgeRuntime: { waitUntil(promise: Promise<unknown>): void };

let requests = 0;

export default {
  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    requests++;
    switch (url.pathname) {
      case "/hello/later":
        EdgeRuntime.waitUntil((async () => {
          const tell = (body: string) => fetch(url.searchParams.get("tell")!, { method: "POST", body });
          // Whoever called holds the answer back until the response has come.
          await (await tell("at work")).body?.cancel();
          await tell("done later");
        })());
        return new Response(null, { status: 202 });
      case "/hello/crash":
        return Deno.exit(1);
      case "/hello/memory": {
        const kept: string[][] = [];
        while (true) kept.push(Array.from({ length: 100_000 }, (_, index) => `${index} ${kept.length}`));
      }
      case "/hello/throw":
        throw new Error("thrown on purpose");
      case "/hello/refused":
        try {
          new Deno.Command("true").outputSync();
        } catch (error) {
          return new Response((error as Error).name);
        }
        break;
    }
    return Response.json({
      requests,
      deno: Deno.version.deno,
      path: url.pathname + url.search,
      greeting: Deno.env.get("GREETING"),
      home: Deno.env.get("SECRET_OF_THE_STACK") ?? null,
      body: await request.text(),
      apikey: request.headers.get("apikey"),
    });
  },
};

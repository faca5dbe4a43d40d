import { AsyncLocalStorage } from "node:async_hooks";

/** First byte that a request asks for, since lite does not pass it to its storage adapter. */
const wantedStart = new AsyncLocalStorage<number>();

export function startOfRange(): number {
  return wantedStart.getStore() ?? 0;
}

/** Answers `Range: bytes=N-` like hosted Storage. Other ranges get the whole object, as RFC 9110 allows. */
export async function withRange(
  request: Request,
  answer: (request: Request) => Response | Promise<Response>,
): Promise<Response> {
  const range = /^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "");
  const isObject = request.method === "GET" && new URL(request.url).pathname.startsWith("/storage/v1/object/");
  if (!range || !isObject) return await answer(request);
  const start = Number(range[1]);
  const response = await wantedStart.run(start, () => answer(request));
  const size = Number(response.headers.get("content-length"));
  if (response.status !== 200 || !(start < size)) return response;
  const headers = new Headers(response.headers);
  headers.set("content-range", `bytes ${start}-${size - 1}/${size}`);
  headers.set("content-length", `${size - start}`);
  return new Response(response.body, { status: 206, headers });
}

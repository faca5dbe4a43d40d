import { withClient } from "../local/with_client.ts";
import type { Stage } from "./stage.ts";

/**
 * Serves what `rclone`'s HTTP source needs and Storage lacks: folders as pages of links, and HEAD. Both are answered
 * from memory at next to no cost. Requests for bytes are redirected to the same Storage addresses that Lifeboat reads.
 */
export async function startListingServer(
  stage: Stage,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const folders = new Map<string, Map<string, { size: number; modified: string }>>();
  await withClient(stage.superuserUrl, async (client) => {
    const { rows } = await client.query(
      "select name, metadata ->> 'size' as size, coalesce(updated_at, created_at)::text as at from storage.objects",
    );
    for (const { name, size, at } of rows) {
      const [folder, file] = name.split("/");
      if (!folders.has(folder)) folders.set(folder, new Map());
      folders.get(folder)!.set(file, { size: Number(size), modified: new Date(at).toUTCString() });
    }
  });
  const storage = `${stage.stack.details.apiUrl}/storage/v1/object/bench`;
  const page = (names: Iterable<string>) =>
    new Response(`<html><body>${[...names].map((name) => `<a href="${name}">${name}</a>\n`).join("")}</body></html>`, {
      headers: { "content-type": "text/html" },
    });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/") return page([...folders.keys()].map((folder) => `${folder}/`));
    const [, folder, file] = pathname.split("/");
    if (file === "") return page(folders.get(folder)?.keys() ?? []);
    const found = folders.get(folder)?.get(file);
    if (!found) return new Response("not found", { status: 404 });
    if (request.method === "GET") return Response.redirect(storage + pathname, 307);
    return new Response(null, {
      headers: {
        "content-length": String(found.size),
        "last-modified": found.modified,
        "content-type": "application/octet-stream",
      },
    });
  });
  return { url: `http://127.0.0.1:${server.addr.port}`, stop: () => server.shutdown() };
}

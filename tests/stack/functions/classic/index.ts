Deno.serve(() => new Response("classic"));

import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { copyFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { defineConfig, type Plugin } from "vite";

/** Hosts without a rule for single-page apps answer 404.html to a link into the page: it shows the same page. */
function notFoundPage(): Plugin {
  let folder = "";
  return {
    name: "not-found-page",
    apply: "build",
    configResolved: ({ root, build }) => void (folder = resolve(root, build.outDir)),
    closeBundle: () => copyFile(join(folder, "index.html"), join(folder, "404.html")),
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), notFoundPage()],
  // Edge functions, tests and the local stack's data change often and are no part of the page.
  server: {
    watch: {
      ignored: [
        "**/.local/**",
        "**/.tools/**",
        "**/supabase/functions/!(_shared)/**",
        "**/tests/**",
      ],
    },
  },
  build: { target: "es2023", manifest: "manifest.json" },
});

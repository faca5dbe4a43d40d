import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  // Edge functions, tests and the local stack's data change often and are no part of the page.
  server: {
    watch: { ignored: ["**/.local/**", "**/.tools/**", "**/supabase/functions/!(_shared)/**", "**/tests/**"] },
  },
  build: { target: "es2023", manifest: "manifest.json" },
});

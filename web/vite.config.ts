import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { compressBeforehand, listShellInServiceWorker } from "./build/shell.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const server = process.env["EVERWORD_URL"] ?? "http://localhost:8321";

export default defineConfig({
  plugins: [svelte(), listShellInServiceWorker(), compressBeforehand()],
  resolve: { alias: { $lib: here("./src/lib") } },
  build: {
    outDir: here("../src/everword/web/dist"),
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0, // the content security policy allows no data: fonts
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    rolldownOptions: {
      input: { index: here("./index.html"), sw: here("./src/sw.ts") },
      output: { entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
    },
  },
  server: { proxy: { "/api": server, "/v1": server } },
});

/** Build steps of our own: the service worker's list of the shell, and copies compressed beforehand. */
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import type { Plugin } from "vite";

const COMPRESSIBLE = /\.(?:js|css|html|svg|webmanifest)$/;
const WORTH_COMPRESSING_BYTES = 1024;

/** Writes the list of files the first page needs, and a version made of their hashes, into sw.js. */
export function listShellInServiceWorker(): Plugin {
  return {
    name: "everword-service-worker-shell",
    apply: "build",
    enforce: "post",
    generateBundle(_options, bundle) {
      const worker = bundle["sw.js"];
      if (worker?.type !== "chunk") throw new Error("The service worker was not built: is src/sw.ts still an input?");
      const files = Object.keys(bundle)
        .filter((name) => name.startsWith("assets/") && (/\.(?:js|css)$/.test(name) || /latin-opsz/.test(name)))
        .sort();
      const version = createHash("sha256").update(files.join()).digest("hex").slice(0, 12);
      worker.code = worker.code
        .replace("__SHELL_FILES__", () => JSON.stringify(files.map((name) => `/${name}`)))
        .replace("__SHELL_VERSION__", () => JSON.stringify(version));
    },
  };
}

/** Puts a .br and a .gz beside every text file large enough to gain from it. */
export function compressBeforehand(): Plugin {
  let folder = "";
  return {
    name: "everword-compress-beforehand",
    apply: "build",
    configResolved(config) {
      folder = config.build.outDir;
    },
    async closeBundle() {
      const names = (await readdir(folder, { recursive: true })).filter((name) => COMPRESSIBLE.test(name));
      for (const name of names) {
        const path = join(folder, name);
        const bytes = await readFile(path);
        if (bytes.length < WORTH_COMPRESSING_BYTES) continue;
        await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes));
        await writeFile(`${path}.gz`, await promisify(gzip)(bytes, { level: 9 }));
      }
    },
  };
}

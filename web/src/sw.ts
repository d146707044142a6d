/** The service worker: keeps the shell (page, scripts, styles, the font) and nothing that anybody said. */
declare const __SHELL_FILES__: string[];
declare const __SHELL_VERSION__: string;

const worker = self as unknown as ServiceWorkerGlobalScope;
const NEEDS_YOU = "/needs-you";
const cacheName = `everword-shell-${__SHELL_VERSION__}`;

worker.addEventListener("install", (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(["/", ...__SHELL_FILES__])));
  void worker.skipWaiting();
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(dropOldShells().then(() => worker.clients.claim()));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(fromCacheFirst(request));
  else if (request.mode === "navigate" && !isServerPath(url.pathname)) event.respondWith(fromServerFirst(request));
});

// A notice of a run that waits was pressed: the page that is open comes forward, else one is opened.
worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openNeedsYou());
});

async function openNeedsYou(): Promise<void> {
  const [page] = await worker.clients.matchAll({ type: "window" });
  const shown = await page?.navigate(NEEDS_YOU).catch(() => null);
  await (shown ? shown.focus() : worker.clients.openWindow(NEEDS_YOU));
}

function isServerPath(path: string): boolean {
  return path.startsWith("/api/") || path.startsWith("/v1/") || path.startsWith("/mcp");
}

async function dropOldShells(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== cacheName).map((name) => caches.delete(name)));
}

async function fromCacheFirst(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

async function fromServerFirst(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const shell = await caches.match("/");
    if (shell) return shell;
    throw error;
  }
}

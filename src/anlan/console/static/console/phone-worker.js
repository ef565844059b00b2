// The service worker of the unit's page. It keeps the files the page is drawn with and one empty page for
// when there is no contact: nothing of any matter, nobody's name. (TOLD stands above, put there by the server.)
const CACHE = `anlan-unit-${TOLD.version}`;
const PAGE_WAITS_MS = 5000, FILE_WAITS_MS = 2500, DEAD_MS = 10_000;
let deadUntil = 0;

const kept = () => caches.open(CACHE);
const afresh = (url) => new Request(url, { cache: "reload" });

self.addEventListener("install", (e) => {
  e.waitUntil(kept().then((cache) => cache.addAll([...TOLD.files, TOLD.shell].map(afresh))).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (e) => {
  const old = (name) => name.startsWith("anlan-unit-") && name !== CACHE;
  e.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
    .then(() => self.clients.claim()));
});

// The empty page is kept in the language the page was last read in.
self.addEventListener("message", (e) => {
  if (e.data === "language") e.waitUntil(kept().then((cache) => cache.add(afresh(TOLD.shell))).catch(() => {}));
});

/** The network's answer, or nothing where it takes too long or there is none. */
async function ask(request, waits) {
  if (Date.now() < deadUntil) return null;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), waits);
  try {
    const answer = await fetch(request, { signal: stop.signal });
    return answer.status < 502 ? answer : null;
  } catch {
    deadUntil = Date.now() + DEAD_MS;
    return null;
  } finally {
    clearTimeout(timer);
  }
}

async function page(request) {
  deadUntil = 0; // whoever opens the page wants to know now
  return (await ask(request, PAGE_WAITS_MS)) || (await kept().then((cache) => cache.match(TOLD.shell))) || Response.error();
}

async function file(request) {
  const cache = await kept();
  return (await ask(request, FILE_WAITS_MS)) || (await cache.match(request, { ignoreSearch: true })) || Response.error();
}

self.addEventListener("fetch", (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== "GET" || url.origin !== location.origin) return;
  if (e.request.mode === "navigate") e.respondWith(page(e.request));
  else if (TOLD.files.includes(url.pathname)) e.respondWith(file(e.request));
});

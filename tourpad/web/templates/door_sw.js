// Keeps the door's page on the device, so that it opens where there is no network. What is asked of the API goes past it.
const KEPT = "tourpad-door-1";
const ASSETS = ["/door/door.css", "/door/door.js"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(ASSETS)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("tourpad-door-") && name !== KEPT;
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const path = new URL(request.url).pathname;
  const isPage = request.mode === "navigate";
  if (request.method !== "GET" || !(isPage || ASSETS.includes(path))) return;
  event.respondWith(freshOrKept(request));
});

// The network first: a page that was mended should be seen. Without one, what was kept.
async function freshOrKept(request) {
  const cache = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(request, answer.clone());
    else if (answer.status === 404) await cache.delete(request);
    return answer;
  } catch (error) {
    const kept = await cache.match(request);
    if (kept) return kept;
    throw error;
  }
}

/*
 * Keeps the page of the field view on the device: its own files, nothing of the project. Files are of one version, whole or not at all: what the page
 * needs is fetched before the version before it is let go. Answers of the API are never kept here.
 */
declare const FIELD_FILES: string[];
declare const FIELD_VERSION: string;

interface Event_ extends Event {
    waitUntil(work: Promise<unknown>): void;
}
interface Fetch extends Event_ {
    request: Request;
    respondWith(answer: Promise<Response>): void;
}
interface Scope {
    addEventListener(name: "install" | "activate", call: (e: Event_) => void): void;
    addEventListener(name: "fetch", call: (e: Fetch) => void): void;
    addEventListener(name: "message", call: (e: MessageEvent) => void): void;
    skipWaiting(): Promise<void>;
    clients: { claim(): Promise<void> };
}

const scope = globalThis as unknown as Scope;
const PREFIX = "tilth-field-";
const mine = PREFIX + FIELD_VERSION;

scope.addEventListener("install", (e) => {
    e.waitUntil(caches.open(mine).then((cache) => cache.addAll(FIELD_FILES.map((file) => new Request(file, { cache: "reload" })))));
});

scope.addEventListener("activate", (e) => {
    e.waitUntil(caches.keys()
        .then((names) => Promise.all(names.filter((n) => n.startsWith(PREFIX) && n !== mine).map((n) => caches.delete(n))))
        .then(() => scope.clients.claim()));
});

scope.addEventListener("message", (e) => {
    if (e.data === "take over") void scope.skipWaiting();
});

scope.addEventListener("fetch", (e) => {
    const url = new URL(e.request.url);
    if (e.request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/api/")) return;
    const name = e.request.mode === "navigate" ? "/field" : url.pathname;
    if (!FIELD_FILES.includes(name)) return;
    e.respondWith(caches.open(mine).then((cache) => cache.match(name)).then((kept) => kept ?? fetch(e.request)));
});

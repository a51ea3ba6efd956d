/*
 * The worker that keeps this page on the device. A newer version waits until somebody takes it: a form that is open is not taken away, and what is kept lies
 * in the browser's database, which no version of the page clears.
 */
import { field } from "./state";

let waiting: ServiceWorker | null = null;

function offer(worker: ServiceWorker | null): void {
    waiting = worker;
    field.set({ newer: worker !== null });
}

export function takeNewer(): void {
    waiting?.postMessage("take over");
}

export async function bindWorker(): Promise<void> {
    const workers = navigator.serviceWorker;
    if (!workers) {
        field.set({ worker: "none" }); /* not over TLS, or a browser that has none */
        return;
    }
    const controlled = workers.controller !== null;
    workers.addEventListener("controllerchange", () => {
        if (controlled) location.reload();
    });
    try {
        const registration = await workers.register("/field-worker.js", { scope: "/field" });
        if (registration.waiting) offer(registration.waiting);
        registration.addEventListener("updatefound", () => {
            const fresh = registration.installing;
            fresh?.addEventListener("statechange", () => {
                if (fresh.state === "installed" && registration.active) offer(fresh);
            });
        });
        await workers.ready;
        field.set({ worker: "ready" });
        document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void registration.update().catch(() => undefined));
    } catch {
        field.set({ worker: "none" });
    }
}

/*
 * When it is sent, which takes an open lock: on unlocking, when the network comes back, when the page is looked at again, by the button, and each half minute while something waits.
 */
import { askRoom, records, whenChanged } from "./keep";
import { isOpen } from "./vault";
import { photos } from "./photo_keep";
import { askDecisions, send } from "./send";
import { field, isShut, waiting } from "./state";

export const AGAIN_MS = 30000;

export async function loadRecords(): Promise<void> {
    const [kept, pictures] = await Promise.all([records(), photos()]).catch(() => [[], []]); /* locked meanwhile */
    if (!isShut(field.get())) field.set({ records: kept, photos: pictures });
}

let wanted = false;

export async function sendNow(anyPerson = false): Promise<void> {
    if (!isOpen()) return; /* what is locked cannot be sent */
    if (field.get().sending) {
        wanted = true; /* what was kept meanwhile goes after it */
        return;
    }
    field.set({ sending: true });
    try {
        do {
            wanted = false;
            const sent = await send((session) => field.set({ session }), anyPerson);
            field.set(sent.outcome === "offline" ? { sent, online: false } : sent.outcome === "nothing" || sent.outcome === "busy" ? { sent } : { sent, online: true });
        } while (wanted);
        await askDecisions().catch(() => undefined);
    } catch (error) {
        if (!isShut(field.get())) field.set({ sent: { outcome: "later", n: 0, words: (error as Error).message } });
    }
    field.set({ sending: false });
    await loadRecords();
    void askRoom(false).then((room) => field.set({ room }), () => undefined);
}

export function bindSending(): void {
    const waits = () => waiting(field.get()).length > 0;
    whenChanged((told) => told === "changed" && void loadRecords());
    addEventListener("online", () => waits() && void sendNow());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && waits() && void sendNow());
    setInterval(() => waits() && navigator.onLine && void sendNow(), AGAIN_MS);
    void askRoom(false).then((room) => field.set({ room }));
}

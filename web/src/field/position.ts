/*
 * Where the device is. Its accuracy is the radius that the device gives (of 95 % by the browsers' standard); its age is told, because a place of
 * minutes ago is another place.
 */
import { useEffect, useState } from "preact/hooks";

import { field } from "./state";

/** A position older than this is not used for looking up without a word. */
export const OLD_MS = 60000;

let watch: number | null = null;

export function startPosition(): void {
    if (watch !== null) return;
    if (!navigator.geolocation) {
        field.set({ trouble: "none" });
        return;
    }
    watch = navigator.geolocation.watchPosition(
        ({ coords, timestamp }) => field.set({ fix: { at: [coords.longitude, coords.latitude], accuracy_m: coords.accuracy, time: timestamp }, trouble: "" }),
        (e) => {
            field.set({ trouble: e.code === e.PERMISSION_DENIED ? "denied" : e.code === e.TIMEOUT ? "slow" : "none" });
            if (e.code === e.PERMISSION_DENIED && watch !== null) {
                navigator.geolocation.clearWatch(watch);
                watch = null;
            }
        },
        { enableHighAccuracy: true, maximumAge: 5000, timeout: 30000 },
    );
}

/** Now, every second. */
export function useNow(): number {
    const [now, setNow] = useState(Date.now());
    useEffect(() => {
        const timer = setInterval(() => setNow(Date.now()), 1000);
        return () => clearInterval(timer);
    }, []);
    return now;
}

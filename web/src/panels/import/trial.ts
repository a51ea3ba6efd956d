/*
 * What is chosen for a file: kept with the browser's tab, and tried anew a moment after anything of it has changed.
 */
import { useEffect, useRef, useState } from "preact/hooks";

import { ApiError } from "../../api";
import { begin } from "../../begin";
import * as calls from "./calls";

const KEPT = "tilth.import.";
const PATIENCE_MS = 450, LOCKED_MS = 600, LOCKED_TRIES = 100;

/* What somebody has chosen for a file stays with the browser's tab, for a reload or the way back. */
function find<T>(id: string): T | null {
    try {
        return JSON.parse(sessionStorage.getItem(KEPT + id) ?? "null") as T | null;
    } catch {
        return null;
    }
}

function keep(id: string, chosen: object | null): void {
    try {
        if (chosen) sessionStorage.setItem(KEPT + id, JSON.stringify(chosen));
        else sessionStorage.removeItem(KEPT + id);
    } catch {
        /* no storage: it lasts as long as the page */
    }
}

export interface Trial<T> {
    tried: T | null;
    error: unknown;
    busy: boolean;
    fresh: boolean; /* of what is chosen now */
}

/* Tries anew a moment after the body has changed; null is nothing to try. */
function useTrial<B extends object, T>(id: string, body: B | null, attempt: (id: string, body: B, signal: AbortSignal) => Promise<T>): Trial<T> & { again: () => void } {
    const [trial, setTrial] = useState<Trial<T>>({ tried: null, error: null, busy: false, fresh: false });
    const [n, setN] = useState(0);
    const key = JSON.stringify(body);
    const first = useRef(true);
    useEffect(() => {
        if (!body) {
            setTrial({ tried: null, error: null, busy: false, fresh: false });
            return;
        }
        const stop = new AbortController();
        setTrial((last) => ({ ...last, busy: true, fresh: false }));
        let tries = 0;
        const go = () => void attempt(id, body, stop.signal).then(
            (tried) => !stop.signal.aborted && setTrial({ tried, error: null, busy: false, fresh: true }),
            (error) => {
                if (stop.signal.aborted) return;
                /* The trial before this one, of what was chosen then, is still at work on the file. */
                if (error instanceof ApiError && error.status === 423 && tries++ < LOCKED_TRIES) timer = setTimeout(go, LOCKED_MS);
                else setTrial((last) => ({ tried: last.tried, error, busy: false, fresh: false }));
            },
        );
        let timer = setTimeout(go, first.current ? 0 : PATIENCE_MS);
        first.current = false;
        return () => {
            clearTimeout(timer);
            stop.abort();
        };
    }, [id, key, n]);
    return { ...trial, again: () => setN((i) => i + 1) };
}

/** A file on its way in: what is chosen, its trial, and taking it in exactly as it was tried. */
export function useWayIn<C extends object, B extends object, T extends { token?: string | null | undefined }>(
    id: string, first: () => C, request: (chosen: C) => B | null, attempt: (id: string, body: B, signal: AbortSignal) => Promise<T>,
) {
    const [chosen, setChosen] = useState<C>(() => find<C>(id) ?? first());
    const [done, setDone] = useState<calls.Done | null>(null);
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const trial = useTrial(id, done ? null : request(chosen), attempt);
    const latest = useRef(chosen); /* two changes may come before the page is drawn again */
    const change = (patch: Partial<C>) => {
        latest.current = { ...latest.current, ...patch };
        setChosen(latest.current);
        keep(id, latest.current);
        setError(null);
    };
    const commit = async () => {
        const token = trial.tried?.token;
        if (!token) return;
        setBusy(true);
        try {
            setDone(await calls.commit(id, token));
            keep(id, null);
            setError(null);
            void begin();
        } catch (e) {
            setError(e);
            if (e instanceof ApiError && e.status === 409) trial.again();
        }
        setBusy(false);
    };
    return { chosen, latest, change, trial, done, busy, error, commit };
}

/*
 * What the pages know: one object, changed by patches; who reads it is drawn anew when what was read has changed.
 */
import { useEffect, useReducer, useRef } from "preact/hooks";

export interface Store<T extends object> {
    get(): T;
    set(patch: Partial<T> | ((state: T) => Partial<T>)): void;
    subscribe(listener: (state: T) => void): () => void;
    use<R>(select: (state: T) => R): R;
}

export function makeStore<T extends object>(initial: T): Store<T> {
    let state = initial;
    const listeners = new Set<(state: T) => void>();
    const store: Store<T> = {
        get: () => state,
        set(patch) {
            const change = typeof patch === "function" ? patch(state) : patch;
            const keys = Object.keys(change) as Array<keyof T>;
            if (keys.every((k) => Object.is(state[k], change[k]))) return;
            state = { ...state, ...change };
            for (const listener of [...listeners]) listener(state);
        },
        subscribe(listener) {
            listeners.add(listener);
            return () => listeners.delete(listener);
        },
        use(select) {
            const [, redraw] = useReducer((n: number) => n + 1, 0);
            const selected = select(state);
            const last = useRef(selected);
            const how = useRef(select);
            last.current = selected;
            how.current = select;
            useEffect(() => {
                const look = () => {
                    if (!Object.is(how.current(state), last.current)) redraw(0);
                };
                look();
                return store.subscribe(look);
            }, []);
            return selected;
        },
    };
    return store;
}

/*
 * What is typed and not sent yet is kept in the browser's tab, for a reload, the way back, or a session that ends: of whoever typed it, and for them alone.
 * It goes when it is sent or given up, or when the tab is closed. Nothing about victims comes here, and no password.
 */
import { app } from "../../state";
import { blank, type Typed } from "./typed";

export interface Kept {
    person: string;
    at: string;
    id: string; /* of the record to be: a request whose answer was lost is sent again with it */
    typed: Typed;
    base?: { version: string; typed: Typed }; /* of a change: what was seen */
}

/* Each person's own, so that whoever logs in next in the same tab writes over nobody's. */
const nameOf = (who: string, key: string) => `tilth.form.${encodeURIComponent(who)}/${key}`;

/** Whoever is logged in; "" is the one local person. */
export const person = (): string => app.get().session?.name ?? "";

/** A UUID, also where the page came without TLS and the browser makes none of its own. */
export function uuid(): string {
    const b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = (b[6]! & 0x0f) | 0x40;
    b[8] = (b[8]! & 0x3f) | 0x80;
    const hex = [...b].map((v) => v.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export const formKey = (kind: string, code = "") => `${kind}/${code}`;

export function find<T = Kept>(key: string): T | null {
    try {
        const found = JSON.parse(sessionStorage.getItem(nameOf(person(), key)) ?? "null") as (T & { person: string }) | null;
        return found && found.person === person() ? found : null;
    } catch {
        return null;
    }
}

export function keep<T extends { person: string }>(key: string, content: T): void {
    try {
        sessionStorage.setItem(nameOf(content.person, key), JSON.stringify(content));
    } catch {
        /* no storage: it lasts as long as the page */
    }
}

export function drop(key: string): void {
    try {
        sessionStorage.removeItem(nameOf(person(), key));
    } catch {
        /* none was kept */
    }
}

/** Forms of records that are begun and not sent: kind, and the code where a record is changed. */
export function unsent(): Array<{ kind: string; code: string; at: string }> {
    const found: Array<{ kind: string; code: string; at: string }> = [], mine = nameOf(person(), "");
    try {
        for (let i = 0; i < sessionStorage.length; i++) {
            const name = sessionStorage.key(i)!;
            const [kind, code] = name.slice(mine.length).split("/");
            if (!name.startsWith(mine) || !kind || code === undefined) continue;
            const kept = find(`${kind}/${code}`);
            if (kept) found.push({ kind, code, at: kept.at });
        }
    } catch {
        /* none */
    }
    return found.sort((a, b) => a.at.localeCompare(b.at));
}

/** When somebody logs out on purpose, what they had not sent goes with them: the next person at this desk is another one. */
export function dropAll(): void {
    const mine = nameOf(person(), "");
    try {
        for (const name of Object.keys(sessionStorage)) if (name.startsWith(mine)) sessionStorage.removeItem(name);
    } catch {
        /* none */
    }
}

export const begun = (typed: Typed = blank()): Kept => ({ person: person(), at: new Date().toISOString(), id: uuid(), typed });

/** Begins a new record with a geometry that is there already: a polygon that was drawn, a place that was looked at. */
export function beginWith(kind: string, geometry: GeoJSON.Geometry): void {
    const key = formKey(kind), there = find(key) ?? begun();
    keep(key, { ...there, typed: { ...there.typed, how: "map", position: "", geometry } });
}

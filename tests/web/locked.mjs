/*
 * The field view's lock as tests need it: setting and opening it as a person does, the raw rows of the browser's databases, and what is in them: opened by the rules of
 * docs/rationale/0011-field-view-lock.md with node's own cryptography, not with the page's code.
 */
import { webcrypto } from "node:crypto";

export const PHRASE = "сім слів про поле 7";
export const LOCKED = "tilth-field-locked";
const STORES = ["records", "packs", "forms", "photos", "photo-bytes"];
const { subtle } = webcrypto;
const utf8 = (text) => new TextEncoder().encode(text);

export async function setLock(page, phrase = PHRASE) {
    await page.locator("#phrase-new").fill(phrase);
    await page.locator("#phrase-twice").fill(phrase);
    await page.locator('form:has(#phrase-new) button[type="submit"]').click();
    await page.locator('.tabs a[href="#device"]').waitFor();
    await page.locator("header button.small").waitFor();
}

export async function unlock(page, phrase = PHRASE) {
    await page.locator("#phrase").fill(phrase);
    await page.locator('form:has(#phrase) button[type="submit"]').click();
    await page.locator("header button.small").waitFor();
}

/** All rows of a database as they lie there, {} where there is none; bytes as Buffers. */
export async function raw(page, name = LOCKED) {
    const rows = await page.evaluate((wanted) => new Promise((resolve, reject) => {
        const asked = indexedDB.open(wanted);
        asked.onupgradeneeded = () => asked.transaction.abort();
        asked.onerror = () => (asked.error.name === "AbortError" ? resolve({}) : reject(asked.error));
        asked.onsuccess = () => {
            const db = asked.result, names = [...db.objectStoreNames];
            const t = db.transaction(names), all = Object.fromEntries(names.map((s) => [s, t.objectStore(s).getAll()]));
            const text = (b) => {
                let made = "";
                for (let i = 0; i < b.length; i += 32768) made += String.fromCharCode(...b.subarray(i, i + 32768));
                return btoa(made);
            };
            const plain = (v) => (v instanceof ArrayBuffer ? { b64: text(new Uint8Array(v)) } : ArrayBuffer.isView(v) ? { b64: text(new Uint8Array(v.buffer, v.byteOffset, v.byteLength)) }
                : Array.isArray(v) ? v.map(plain) : v && typeof v === "object" ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, plain(x)])) : v);
            t.oncomplete = () => {
                db.close();
                resolve(Object.fromEntries(names.map((s) => [s, plain(all[s].result)])));
            };
        };
    }), name);
    const back = (v) => (Array.isArray(v) ? v.map(back) : v && typeof v === "object" ? (typeof v.b64 === "string" ? Buffer.from(v.b64, "base64") : Object.fromEntries(Object.entries(v).map(([k, x]) => [k, back(x)]))) : v);
    return back(rows);
}

/** What is kept, opened with the passphrase: { records, packs, forms, photos, "photo-bytes" }. */
export async function held(page, phrase = PHRASE) {
    const rows = await raw(page), [lock] = rows.lock.filter((r) => r.id === "lock");
    const typed = await subtle.importKey("raw", utf8(phrase.normalize("NFKC").trim()), "PBKDF2", false, ["deriveKey"]);
    const by = await subtle.deriveKey({ name: "PBKDF2", hash: "SHA-256", salt: lock.salt, iterations: lock.iterations }, typed, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
    const key = await subtle.importKey("raw", await subtle.decrypt({ name: "AES-GCM", iv: lock.seal_iv, additionalData: utf8("tilth-field/lock/1/seal") }, by, lock.seal), "AES-GCM", false, ["decrypt"]);
    const open = async (store, row) => {
        const bytes = Buffer.from(await subtle.decrypt({ name: "AES-GCM", iv: row.iv, additionalData: utf8(`tilth-field/row/1/${store}/${row.id}`) }, key, row.sealed));
        const n = bytes.readUInt32BE(0), { field, value } = JSON.parse(bytes.subarray(4, n).toString("utf8"));
        if (field) value[field] = bytes.subarray(n);
        return value;
    };
    const opened = await Promise.all(STORES.map(async (s) => [s, await Promise.all(rows[s].map((row) => open(s, row)))]));
    return Object.fromEntries(opened);
}

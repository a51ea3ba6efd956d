/*
 * The lock of what a device keeps. A passphrase makes a key (PBKDF2) that opens two keys drawn at random: one seals what is kept (AES-GCM, a new nonce each time), the other
 * makes names for what must be found by its name (HMAC). So another passphrase needs no record sealed anew, and neither key can be taken out of the
 * browser while it is in use. What a sealed row tells without its key: where it lies, how long it is.
 */
export interface Lock {
    id: "lock";
    version: 1;
    salt: Uint8Array<ArrayBuffer>;
    iterations: number;
    seal_iv: Uint8Array<ArrayBuffer>;
    seal: ArrayBuffer;
    name_iv: Uint8Array<ArrayBuffer>;
    name: ArrayBuffer;
}

export interface Keys {
    seal: CryptoKey;
    name: CryptoKey;
}

export interface Sealed {
    iv: Uint8Array<ArrayBuffer>;
    sealed: ArrayBuffer;
}

/** Rounds of PBKDF2: what takes this device half a second, and never fewer than these. */
export const ROUNDS_MIN = 600000, ROUNDS_MAX = 10000000, UNLOCK_MS = 500;
/** Characters that a passphrase has at least; one that is shorter than the second number, or all digits, is called short. */
export const PHRASE_MIN = 6, PHRASE_LONG = 14;

const KEY = { name: "AES-GCM", length: 256 } as const, NAME_KEY = { name: "HMAC", hash: "SHA-256", length: 256 } as const;
const PAGE_BYTES = 1024;

const bytes = (n: number) => crypto.getRandomValues(new Uint8Array(n));
const utf8 = (text: string) => new TextEncoder().encode(text);

/** The same characters from every keyboard, and none at the ends that nobody sees. */
export const plainPhrase = (phrase: string) => phrase.normalize("NFKC").trim();

/** Whether it can be tried out by somebody who has a copy of the device's storage. */
export const isShort = (phrase: string) => [...plainPhrase(phrase)].length < PHRASE_LONG || /^\d*$/.test(plainPhrase(phrase));

/** Whether this browser has what a lock takes: on an address that begins with http (but this machine's own) it has not. */
export const canLock = () => typeof crypto.subtle !== "undefined";

async function opener(phrase: string, salt: BufferSource, iterations: number): Promise<CryptoKey> {
    const typed = await crypto.subtle.importKey("raw", utf8(plainPhrase(phrase)), "PBKDF2", false, ["deriveKey"]);
    return crypto.subtle.deriveKey({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, typed, KEY, false, ["wrapKey", "unwrapKey"]);
}

/** Rounds that take this device half a second now. */
export async function measureRounds(): Promise<number> {
    const salt = bytes(16);
    const timed = async (n: number) => {
        const from = performance.now();
        await opener("how fast is it", salt, n);
        return performance.now() - from;
    };
    await timed(20000); /* what comes once is not counted */
    const ms = await timed(100000);
    const rounds = ms > 0 ? Math.round((UNLOCK_MS / ms) * 10) * 10000 : ROUNDS_MIN;
    return Math.min(ROUNDS_MAX, Math.max(ROUNDS_MIN, rounds));
}

const wrapping = (iv: BufferSource, of: "seal" | "name") => ({ name: "AES-GCM", iv, additionalData: utf8(`tilth-field/lock/1/${of}`) });

async function wrapped(keys: Keys, phrase: string, iterations: number): Promise<Lock> {
    const salt = bytes(16), seal_iv = bytes(12), name_iv = bytes(12);
    const by = await opener(phrase, salt, iterations);
    const seal = await crypto.subtle.wrapKey("raw", keys.seal, by, wrapping(seal_iv, "seal"));
    const name = await crypto.subtle.wrapKey("raw", keys.name, by, wrapping(name_iv, "name"));
    return { id: "lock", version: 1, salt, iterations, seal_iv, seal, name_iv, name };
}

async function unwrapped(lock: Lock, phrase: string, extractable: boolean): Promise<Keys | null> {
    const by = await opener(phrase, lock.salt, lock.iterations);
    try {
        const seal = await crypto.subtle.unwrapKey("raw", lock.seal, by, wrapping(lock.seal_iv, "seal"), KEY, extractable, ["encrypt", "decrypt"]);
        const name = await crypto.subtle.unwrapKey("raw", lock.name, by, wrapping(lock.name_iv, "name"), NAME_KEY, extractable, ["sign"]);
        return { seal, name };
    } catch (e) {
        if ((e as Error).name === "OperationError") return null; /* another passphrase, or a damaged lock: nobody can tell the two apart */
        throw e;
    }
}

/** A lock with new keys; the keys themselves come by opening it. */
export async function makeLock(phrase: string, iterations: number): Promise<Lock> {
    const seal = await crypto.subtle.generateKey(KEY, true, ["encrypt", "decrypt"]);
    const name = await crypto.subtle.generateKey(NAME_KEY, true, ["sign"]);
    return wrapped({ seal, name }, phrase, iterations);
}

/** The keys, which nothing can take out of the browser; null = not this passphrase. */
export const openLock = (lock: Lock, phrase: string) => unwrapped(lock, phrase, false);

/** The same keys under another passphrase; null = the old one is not right. */
export async function changeLock(lock: Lock, old: string, fresh: string, iterations: number): Promise<Lock | null> {
    const keys = await unwrapped(lock, old, true);
    return keys && wrapped(keys, fresh, iterations);
}

/** A name under which something lies without telling what it is. */
export async function nameOf(keys: Keys, store: string, id: string): Promise<string> {
    const sum = new Uint8Array(await crypto.subtle.sign("HMAC", keys.name, utf8(`${store}/${id}`)));
    return [...sum.subarray(0, 16)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

/* A value as bytes: the length of its words, the words (JSON, filled up so that their length tells little), and the bytes of the one field that is no JSON. */
function packed(value: object): Uint8Array<ArrayBuffer> {
    const binary = Object.entries(value).find((e): e is [string, ArrayBuffer] => e[1] instanceof ArrayBuffer);
    const words = utf8(JSON.stringify({ field: binary?.[0] ?? "", value: binary ? { ...value, [binary[0]]: null } : value }));
    const length = Math.ceil((4 + words.length) / PAGE_BYTES) * PAGE_BYTES;
    const made = new Uint8Array(length + (binary?.[1].byteLength ?? 0)).fill(32, 0, length);
    new DataView(made.buffer).setUint32(0, length);
    made.set(words, 4);
    if (binary) made.set(new Uint8Array(binary[1]), length);
    return made;
}

function unpacked<T>(made: ArrayBuffer): T {
    const length = new DataView(made).getUint32(0);
    const { field, value } = JSON.parse(new TextDecoder().decode(new Uint8Array(made, 4, length - 4))) as { field: string; value: Record<string, unknown> };
    if (field) value[field] = made.slice(length);
    return value as T;
}

/* A row that is put in another's place does not open. */
const place = (store: string, row: string) => utf8(`tilth-field/row/1/${store}/${row}`);

export async function seal(keys: Keys, store: string, row: string, value: object): Promise<Sealed> {
    const iv = bytes(12);
    return { iv, sealed: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: place(store, row) }, keys.seal, packed(value)) };
}

export async function unseal<T>(keys: Keys, store: string, row: string, { iv, sealed }: Sealed): Promise<T> {
    return unpacked<T>(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: place(store, row) }, keys.seal, sealed));
}

/* After three wrong passphrases each further one waits: 5 s, 10 s, ... 5 minutes. It holds off whoever tries on the screen, not who has the storage. */
const FREE_TRIES = 3, FIRST_WAIT_MS = 5000, LAST_WAIT_MS = 300000;

export const delayMs = (wrong: number) => (wrong < FREE_TRIES ? 0 : Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** (wrong - FREE_TRIES)));

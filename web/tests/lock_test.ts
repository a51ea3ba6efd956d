/*
 * The lock of the field view without a browser: keys, rows, another passphrase, how long a wrong one waits.
 */
import assert from "node:assert/strict";
import test from "node:test";

import { changeLock, delayMs, isShort, makeLock, nameOf, openLock, plainPhrase, seal, unseal } from "../src/field/crypt";

const FEW = 1000; /* rounds: here it is not about time */
const text = (b: ArrayBuffer) => Buffer.from(b).toString("latin1");

test("what is sealed opens with the passphrase, and says nothing without", async () => {
    const lock = await makeLock("a long enough phrase", FEW), keys = (await openLock(lock, "a long enough phrase"))!;
    const value = { id: "r1", body: "a red sign at the bridge, 48.29551, 37.23431", bytes: Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 1, 2]).buffer };
    const row = await seal(keys, "photo-bytes", "r1", value);
    assert.ok(!text(row.sealed).includes("red sign") && !text(row.sealed).includes("\xff\xd8\xff\xe0"));
    const back = await unseal<typeof value>(keys, "photo-bytes", "r1", row);
    assert.deepEqual({ ...back, bytes: [...new Uint8Array(back.bytes)] }, { ...value, bytes: [0xff, 0xd8, 0xff, 0xe0, 1, 2] });
    assert.equal(await openLock(lock, "a long enough phrasE"), null);
    for (const other of [["photos", "r1"], ["photo-bytes", "r2"]] as const) await assert.rejects(unseal(keys, other[0], other[1], row), "put in another place it does not open");
    new Uint8Array(row.sealed)[40]! ^= 1;
    await assert.rejects(unseal(keys, "photo-bytes", "r1", row), "nor with a bit changed");
});

test("the same words are never sealed into the same bytes, and their length tells little", async () => {
    const lock = await makeLock("a long enough phrase", FEW), keys = (await openLock(lock, "a long enough phrase"))!;
    const rows = await Promise.all([1, 2].map(() => seal(keys, "records", "r", { id: "r", body: "the same" })));
    assert.notDeepEqual(rows[0]!.iv, rows[1]!.iv);
    assert.notEqual(text(rows[0]!.sealed), text(rows[1]!.sealed));
    assert.equal((await seal(keys, "records", "r", { id: "r", body: "x".repeat(700) })).sealed.byteLength, rows[0]!.sealed.byteLength);
    const empty = await seal(keys, "records", "r", { id: "r", bytes: new ArrayBuffer(0), words: "" });
    assert.equal((await unseal<{ bytes: ArrayBuffer }>(keys, "records", "r", empty)).bytes.byteLength, 0);
});

test("neither key leaves the browser", async () => {
    const keys = (await openLock(await makeLock("a long enough phrase", FEW), "a long enough phrase"))!;
    for (const key of [keys.seal, keys.name]) {
        assert.equal(key.extractable, false);
        await assert.rejects(crypto.subtle.exportKey("raw", key));
    }
});

test("another passphrase opens the same rows, and the old one nothing", async () => {
    const lock = await makeLock("the first of them", FEW), keys = (await openLock(lock, "the first of them"))!;
    const row = await seal(keys, "records", "r", { id: "r", body: "words" }), name = await nameOf(keys, "forms", "accident/AC-1");
    assert.equal(await changeLock(lock, "not the first", "the second", FEW), null);
    const other = (await changeLock(lock, "the first of them", "the second", FEW))!, again = (await openLock(other, "the second"))!;
    assert.notDeepEqual(other.salt, lock.salt);
    assert.deepEqual(await unseal(again, "records", "r", row), { id: "r", body: "words" });
    assert.equal(await nameOf(again, "forms", "accident/AC-1"), name);
    assert.equal(await openLock(other, "the first of them"), null);
});

test("a name tells nothing of what it names, and is the same each time", async () => {
    const [one, two] = (await Promise.all(["a long enough phrase", "a long enough phrase"].map(async (p) => openLock(await makeLock(p, FEW), p)))).map((k) => k!);
    const name = await nameOf(one!, "forms", "accident/AC-0001");
    assert.match(name, /^[0-9a-f]{32}$/);
    assert.equal(await nameOf(one!, "forms", "accident/AC-0001"), name);
    assert.notEqual(await nameOf(one!, "packs", "accident/AC-0001"), name);
    assert.notEqual(await nameOf(two!, "forms", "accident/AC-0001"), name, "another lock, another name");
});

test("a passphrase is the same from every keyboard", () => {
    assert.equal(plainPhrase(" \u0438\u0306\u0436\u0430\u043A "), plainPhrase("\u0439\u0436\u0430\u043A"));
    for (const short of ["", "123456", "99999999999999999999", "ab cd ef gh"]) assert.ok(isShort(short), short);
    assert.ok(!isShort("four words of a field"));
});

test("three wrong passphrases cost nothing, each further one twice as long, five minutes at most", () => {
    assert.deepEqual([0, 1, 2, 3, 4, 5, 8, 9, 10, 60].map(delayMs), [0, 0, 0, 5000, 10000, 20000, 160000, 300000, 300000, 300000]);
});

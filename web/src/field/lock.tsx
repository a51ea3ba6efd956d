/*
 * The lock as a person meets it: setting it, opening it, changing the passphrase, wiping the device's copy when it is forgotten.
 */
import { useEffect, useRef, useState } from "preact/hooks";

import { isShort, PHRASE_MIN, plainPhrase } from "./crypt";
import { lockNow, setLockWith, unlockWith, wipeAll } from "./locking";
import { field, isStaff, LOCK_MINUTES } from "./state";
import { useSay } from "./texts";
import { changePhrase, type Counts, countWaiting, NoRoom, type Try, waitMs } from "./vault";

interface Typed {
    id: string;
    label: string;
    value: string;
    set: (value: string) => void;
    isShown: boolean;
    hint?: string;
}

function Phrase({ id, label, value, set, isShown, hint = "" }: Typed) {
    return (
        <div class="field">
            <label for={id}>{label}</label>
            <input id={id} {...({ type: isShown ? "text" : "password" } as object)} value={value} autocomplete="off" autocapitalize="off" autocorrect="off" spellcheck={false}
                aria-describedby={hint ? `${id}-hint` : undefined} onInput={(e) => set(e.currentTarget.value)} />
            {hint ? <p class="hint" id={`${id}-hint`}>{hint}</p> : null}
        </div>
    );
}

function Show({ isShown, set }: { isShown: boolean; set: (v: boolean) => void }) {
    const t = useSay();
    return <label class="tick"><input type="checkbox" checked={isShown} onChange={(e) => set(e.currentTarget.checked)} /><span>{t("field.phrase_show")}</span></label>;
}

/* A new passphrase, typed twice unless it can be read; what is wrong with it in words. */
function useNew(isShown: boolean) {
    const t = useSay();
    const [phrase, setPhrase] = useState(""), [twice, setTwice] = useState("");
    const wrong = [...plainPhrase(phrase)].length < PHRASE_MIN ? t("field.phrase_few", { n: PHRASE_MIN }) : !isShown && plainPhrase(phrase) !== plainPhrase(twice) ? t("field.phrase_differ") : "";
    const fields = (
        <>
            <Phrase id="phrase-new" label={t("field.phrase_new")} value={phrase} set={setPhrase} isShown={isShown} hint={t("field.phrase_hint", { n: PHRASE_MIN })} />
            {phrase && isShort(phrase) ? <p class="notice warn" role="status">{t("field.phrase_short")}</p> : null}
            {isShown ? null : <Phrase id="phrase-twice" label={t("field.phrase_again")} value={twice} set={setTwice} isShown={false} />}
        </>
    );
    return { phrase, wrong, fields };
}

/** Setting the lock for the first time. */
export function SetLock() {
    const t = useSay();
    const [isShown, setShown] = useState(false), [busy, setBusy] = useState(false), [trouble, setTrouble] = useState("");
    const { phrase, wrong, fields } = useNew(isShown);
    const set = async (e: Event) => {
        e.preventDefault();
        setTrouble(wrong);
        if (wrong) return;
        setBusy(true);
        await setLockWith(phrase).catch((error: Error) => setTrouble(error instanceof NoRoom ? t("field.lock_no_room") : t("field.lock_not_set", { why: error.message })));
        setBusy(false);
    };
    return (
        <form class="form" autocomplete="off" onSubmit={(e) => void set(e)}>
            {fields}
            <Show isShown={isShown} set={setShown} />
            {trouble ? <p class="notice trouble" role="alert">{trouble}</p> : null}
            <button type="submit" disabled={busy}>{t(busy ? "field.lock_setting" : "field.lock_set")}</button>
        </form>
    );
}

/* Tries that failed make the next one wait; the seconds count down, and only the sentence is read out. */
function useTries() {
    const [wait, setWait] = useState(0), [wrong, setWrong] = useState(false);
    useEffect(() => void waitMs().then(setWait, () => undefined), []);
    useEffect(() => {
        if (wait <= 0) return;
        const timer = setTimeout(() => setWait((w) => Math.max(0, w - 1000)), Math.min(wait, 1000));
        return () => clearTimeout(timer);
    }, [wait]);
    const told = (found: Try) => {
        setWrong(found.outcome === "wrong");
        setWait(found.outcome === "open" ? 0 : found.wait_ms);
    };
    return { wait, wrong, told };
}

function Tries({ wait, wrong }: { wait: number; wrong: boolean }) {
    const t = useSay();
    return (
        <>
            {wrong ? <p class="notice trouble" role="alert">{t("field.phrase_wrong")}</p> : null}
            {wait > 0 ? <p class="hint figures">{t("field.phrase_wait", { n: Math.ceil(wait / 1000) })}</p> : null}
        </>
    );
}

function Unlock() {
    const t = useSay();
    const [phrase, setPhrase] = useState(""), [isShown, setShown] = useState(false), [busy, setBusy] = useState(false), [trouble, setTrouble] = useState("");
    const tries = useTries(), form = useRef<HTMLFormElement>(null);
    useEffect(() => form.current?.querySelector("input")?.focus(), []);
    const enter = async (e: Event) => {
        e.preventDefault();
        if (!phrase || tries.wait > 0 || busy) return;
        setBusy(true);
        setTrouble("");
        try {
            const found = await unlockWith(phrase);
            tries.told(found);
            if (found.outcome === "wrong") {
                setPhrase("");
                form.current?.querySelector("input")?.focus();
            }
        } catch (error) {
            setTrouble(t("field.lock_not_opened", { why: (error as Error).message }));
        }
        setBusy(false);
    };
    return (
        <form class="form" autocomplete="off" ref={form} onSubmit={(e) => void enter(e)}>
            <Phrase id="phrase" label={t("field.phrase")} value={phrase} set={setPhrase} isShown={isShown} />
            <Show isShown={isShown} set={setShown} />
            <Tries {...tries} />
            {trouble ? <p class="notice trouble" role="alert">{trouble}</p> : null}
            <button type="submit" disabled={busy || !phrase || tries.wait > 0}>{t(busy ? "field.unlocking" : "field.unlock")}</button>
        </form>
    );
}

/** What has not reached the server, also while it is locked. */
function useCounts(): Counts | null {
    const [counts, setCounts] = useState<Counts | null>(null);
    const { records, photos } = field.use((s) => s);
    useEffect(() => void countWaiting().then(setCounts, () => undefined), [records, photos]);
    return counts;
}

/* Asked twice: what is lost stands there before the last button. */
function Wipe({ first }: { first: string }) {
    const t = useSay();
    const [step, setStep] = useState<0 | 1 | 2>(0), [isSure, setSure] = useState(false), [busy, setBusy] = useState(false), [trouble, setTrouble] = useState("");
    const counts = useCounts();
    const lost = counts ? counts.records + counts.photos + counts.forms : 0;
    const wipe = () => {
        setBusy(true);
        void wipeAll().catch((e: Error) => {
            setBusy(false);
            setTrouble(t("field.wipe_not", { why: e.message }));
        });
    };
    const back = () => {
        setStep(0);
        setSure(false);
    };
    if (step === 0) return <button type="button" class="plain" onClick={() => setStep(1)}>{first}</button>;
    return (
        <div class="group" role="group" aria-label={t("field.wipe")}>
            <p>{t("field.wipe_words")}</p>
            {counts ? <p class={lost ? "notice trouble" : "notice"} role="status">{lost ? t("field.wipe_lost", { records: counts.records, photos: counts.photos, forms: counts.forms }) : t("field.wipe_none")}</p> : null}
            {step === 1 ? <button type="button" disabled={!counts} onClick={() => setStep(2)}>{t("field.wipe_go")}</button> : (
                <>
                    <label class="tick"><input type="checkbox" checked={isSure} onChange={(e) => setSure(e.currentTarget.checked)} /><span>{t("field.wipe_sure")}</span></label>
                    {trouble ? <p class="notice trouble" role="alert">{trouble}</p> : null}
                    <button type="button" class="danger" disabled={!isSure || busy} onClick={wipe}>{t("field.wipe_now")}</button>
                </>
            )}
            <button type="button" class="plain" disabled={busy} onClick={back}>{t("back")}</button>
        </div>
    );
}

function Waiting() {
    const t = useSay();
    const counts = useCounts();
    if (!counts || !(counts.records + counts.photos)) return null;
    return <p class="notice warn">{counts.records ? `${t("field.waiting#", { n: counts.records })}. ` : ""}{counts.photos ? `${t("field.photos_wait#", { n: counts.photos })} ` : ""}{t("field.lock_sends")}</p>;
}

/** In the place of all pages but whom to call, while it is locked. */
export function LockPage() {
    const t = useSay();
    const { lock, moved } = field.use((s) => s);
    if (lock === "moving")
        return (
            <main class="page">
                <h1>{t("field.unlocking")}</h1>
                {moved ? <p role="status">{t("field.lock_moving", moved)}</p> : null}
            </main>
        );
    return (
        <main class="page">
            <h1>{t(lock === "unset" ? "field.lock_title" : "field.tab.lock")}</h1>
            <p>{t(lock === "unset" ? "field.lock_before" : "field.locked_words")}</p>
            <Waiting />
            {lock === "unset" ? <SetLock /> : <Unlock />}
            <a class="button plain" href="#help" onClick={() => field.set({ tab: "help" })}>{t("field.what_to_do")}</a>
            <Wipe first={t(lock === "unset" ? "field.wipe" : "field.forgotten")} />
        </main>
    );
}

function Change() {
    const t = useSay();
    const [isOpen, setOpen] = useState(false), [old, setOld] = useState(""), [isShown, setShown] = useState(false), [busy, setBusy] = useState(false), [trouble, setTrouble] = useState(""), [done, setDone] = useState(false);
    const { phrase, wrong, fields } = useNew(isShown), tries = useTries();
    const change = async (e: Event) => {
        e.preventDefault();
        setTrouble(wrong);
        if (wrong || !old) return;
        setBusy(true);
        try {
            const found = await changePhrase(old, phrase);
            tries.told(found);
            setDone(found.outcome === "open");
            if (found.outcome === "open") setOpen(false);
        } catch (error) {
            setTrouble(t("field.lock_not_set", { why: (error as Error).message }));
        }
        setBusy(false);
    };
    if (!isOpen)
        return (
            <>
                {done ? <p class="notice" role="status">{t("field.phrase_changed")}</p> : null}
                <button type="button" class="plain" onClick={() => setOpen(true)}>{t("field.phrase_change")}</button>
            </>
        );
    return (
        <form class="form" autocomplete="off" onSubmit={(e) => void change(e)}>
            <Phrase id="phrase-old" label={t("field.phrase_now")} value={old} set={setOld} isShown={isShown} />
            {fields}
            <Show isShown={isShown} set={setShown} />
            <Tries {...tries} />
            {trouble ? <p class="notice trouble" role="alert">{trouble}</p> : null}
            <button type="submit" disabled={busy || !old || tries.wait > 0}>{t(busy ? "field.lock_setting" : "field.phrase_change")}</button>
            <button type="button" class="plain" onClick={() => setOpen(false)}>{t("back")}</button>
        </form>
    );
}

/** Why nothing is kept here, and what to do. */
export function NoLock() {
    const t = useSay();
    const isLeft = field.use((s) => s.unlocked_rows);
    return (
        <div class="notice warn">
            <p>{t("field.no_lock")} <a href="/">{t("field.to_map")}</a></p>
            {isLeft ? <p>{t("field.no_lock_left")}</p> : null}
        </div>
    );
}

/** On the page of the device. */
export function LockSection() {
    const t = useSay();
    const { lock, lock_minutes, unmoved, traces } = field.use((s) => s);
    const staff = field.use(isStaff);
    const [isSetting, setSetting] = useState(false);
    return (
        <section class="group">
            <h2>{t("field.lock_title")}</h2>
            {lock === "plain" ? <NoLock /> : <p>{t(lock === "open" ? "field.lock_open" : "field.lock_why")}</p>}
            {unmoved ? <p class="notice trouble">{t("field.lock_unmoved", { why: unmoved })}</p> : null}
            {traces ? <p class="hint">{t("field.lock_traces")}</p> : null}
            {lock === "open" ? (
                <>
                    <button type="button" onClick={() => void lockNow()}>{t("field.lock_now")}</button>
                    <div class="field">
                        <label for="lock-minutes">{t("field.lock_after")}</label>
                        <select id="lock-minutes" value={lock_minutes} onChange={(e) => field.set({ lock_minutes: Number(e.currentTarget.value) })}>
                            {LOCK_MINUTES.map((n) => <option key={n} value={n}>{t("field.lock_minutes#", { n })}</option>)}
                        </select>
                    </div>
                    <p class="hint">{t("field.lock_away")}</p>
                    <Change />
                </>
            ) : null}
            {lock === "none" && !staff ? isSetting ? <SetLock /> : <button type="button" class="plain" onClick={() => setSetting(true)}>{t("field.lock_begin")}</button> : null}
            <Wipe first={t("field.wipe")} />
        </section>
    );
}

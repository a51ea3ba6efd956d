/*
 * The head of every page: name, search, pages, language, light or dark, who is logged in.
 */
import { useEffect, useId, useRef, useState } from "preact/hooks";

import * as api from "./api";
import { formatCoordinate } from "./coordinates";
import { type Language, languageNames } from "./i18n";
import { flyTo } from "./map/view";
import { to, type Page } from "./route";
import { app, isGuest, isWriter, type Theme, useText } from "./state";
import { typedPosition } from "./typed";
import { Symbol, useWord } from "./ui";

/** Two bare numbers are longitude first to the server; where latitude first lies in the project, that is what was meant as likely as not. */
function withLatitudeFirst(q: string, hits: api.Hit[]): api.Hit[] {
    const at = typedPosition(q), extent = app.get().project?.extent;
    if (!at || !extent || at[0] < extent[0]! || at[0] > extent[2]! || at[1] < extent[1]! || at[1] > extent[3]!) return hits;
    if (hits.some((h) => h.kind === "coordinate" && Math.abs((h.lon ?? 999) - at[0]) < 1e-6)) return hits;
    return [{ kind: "coordinate", code: null, title: formatCoordinate(app.get().form, at[0], at[1]), lon: at[0], lat: at[1], why: "coordinate" }, ...hits];
}

function useHits(q: string): { hits: api.Hit[]; error: string } {
    const [found, setFound] = useState<{ hits: api.Hit[]; error: string }>({ hits: [], error: "" });
    useEffect(() => {
        if (q.trim().length < 2) {
            setFound({ hits: [], error: "" });
            return;
        }
        const stop = new AbortController();
        const timer = setTimeout(() => {
            api.search(q.trim(), stop.signal).then(
                (answer) => setFound({ hits: withLatitudeFirst(q, answer.hits), error: "" }),
                (error) => !stop.signal.aborted && setFound({ hits: [], error: (error as Error).message }),
            );
        }, 180);
        return () => {
            clearTimeout(timer);
            stop.abort();
        };
    }, [q]);
    return found;
}

function Search() {
    const t = useText();
    const word = useWord();
    const id = useId();
    const [q, setQ] = useState("");
    const [at, setAt] = useState(-1);
    const [open, setOpen] = useState(false);
    const { hits, error } = useHits(q);
    const input = useRef<HTMLInputElement>(null);
    useEffect(() => setAt(-1), [hits]);
    useEffect(() => {
        const key = (e: KeyboardEvent) => {
            if (e.key === "/" && !/INPUT|SELECT|TEXTAREA/.test((e.target as Element).tagName)) {
                e.preventDefault();
                input.current?.focus();
            }
        };
        addEventListener("keydown", key);
        return () => removeEventListener("keydown", key);
    }, []);
    const go = (hit: api.Hit) => {
        setOpen(false);
        input.current?.blur(); /* the page that opens takes the focus */
        if (hit.code && hit.kind !== "coordinate") location.hash = to.record(hit.kind, hit.code);
        else if (hit.lon !== null && hit.lat !== null) location.hash = to.place(hit.lon, hit.lat);
        if (hit.lon !== null && hit.lat !== null) flyTo(hit.lon, hit.lat, hit.kind === "place" ? 13 : 14);
    };
    const key = (e: KeyboardEvent) => {
        if (e.key === "ArrowDown" || e.key === "ArrowUp") {
            e.preventDefault();
            setOpen(true);
            setAt((i) => (hits.length ? (i + (e.key === "ArrowDown" ? 1 : -1) + hits.length) % hits.length : -1));
        } else if (e.key === "Enter") {
            const hit = hits[Math.max(0, at)];
            if (hit) go(hit);
        } else if (e.key === "Escape") {
            setOpen(false);
            if (!open) setQ("");
        }
    };
    const showing = open && q.trim().length >= 2;
    return (
        <div class="search" role="search">
            <input ref={input} type="text" role="combobox" aria-label={t("search.label")} placeholder={t("search.hint")} value={q} autocomplete="off" list={undefined}
                aria-expanded={showing} aria-controls={`${id}-list`} aria-autocomplete="list" aria-activedescendant={showing && at >= 0 ? `${id}-${at}` : undefined}
                onInput={(e) => {
                    setQ(e.currentTarget.value);
                    setOpen(true);
                }}
                onFocus={() => setOpen(true)} onBlur={() => setOpen(false)} onKeyDown={key} />
            <ul id={`${id}-list`} role="listbox" aria-label={t("search.label")} class={showing ? "hits" : "hits closed"}>
                {showing && hits.map((hit, i) => (
                    <li key={i} id={`${id}-${i}`} role="option" aria-selected={i === at} onMouseDown={(e) => {
                        e.preventDefault();
                        go(hit);
                    }}>
                        {hit.kind === "coordinate" ? <span class="symbol pin" aria-hidden="true">⌖</span> : <Symbol kind={hit.kind} />}
                        <span class="grow"><b>{hit.title || hit.code}</b> <small>{hit.kind === "coordinate" ? t("search.coordinate") : word("kind", hit.kind)}{hit.code && hit.code !== hit.title ? ` · ${hit.code}` : ""}</small></span>
                    </li>
                ))}
                {showing && hits.length === 0 ? <li class="nothing" role="option" aria-selected={false} aria-disabled="true">{error || t("search.nothing")}</li> : null}
            </ul>
        </div>
    );
}

const tabs: Array<{ page: Page; at: string; key: "nav.map" | "nav.areas" | "nav.draw" | "nav.scenarios" | "nav.plan" | "nav.work" | "nav.import"; icon: string; staff: boolean; writers?: boolean }> = [
    { page: "map", at: to.map(), key: "nav.map", icon: "M3 6l6-2 6 2 6-2v14l-6 2-6-2-6 2zM9 4v14M15 6v14", staff: false },
    { page: "areas", at: to.areas(), key: "nav.areas", icon: "M4 8l7-4 9 5-3 10-10 1z", staff: false },
    { page: "draw", at: to.draw(), key: "nav.draw", icon: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3", staff: true },
    { page: "scenarios", at: to.scenarios(), key: "nav.scenarios", icon: "M3 19h18M4 15c4-1 6-8 16-9M4 15c5 0 8-2 16-1", staff: true },
    { page: "plan", at: to.plan(), key: "nav.plan", icon: "M4 6h9M7 12h10M11 18h9", staff: true },
    { page: "import", at: to.import(), key: "nav.import", icon: "M12 15V4M7 9l5-5 5 5M4 15v4h16v-4", staff: true, writers: true },
    { page: "queue", at: to.queue(), key: "nav.work", icon: "M5 4h14v16H5zM9 9l2 2 4-4M9 16h6", staff: true },
];

const group: Partial<Record<Page, Page>> = { area: "areas", record: "map", records: "map", place: "map",
    new: "queue", edit: "queue", findings: "queue", log: "queue", refused: "import", release: "areas" };

const LOOK_MS = 60000, FIRST_LOOK_MS = 4000;

/** How much waits for whoever is logged in: looked up when the map has had its time, and now and then. */
function useWaits(): number {
    const who = app.use((s) => (s.session && s.session.role !== "guest" ? `${s.session.name}/${s.session.role}` : ""));
    const waits = app.use((s) => s.waits);
    useEffect(() => {
        if (!who) return;
        const look = () => document.visibilityState === "visible" && void import("./panels/work/waits").then((w) => w.lookAgain(), () => undefined);
        const first = setTimeout(look, FIRST_LOOK_MS), timer = setInterval(look, LOOK_MS);
        return () => {
            clearTimeout(first);
            clearInterval(timer);
        };
    }, [who]);
    return who ? waits.approve + waits.back + waits.answer : 0;
}


export function Navigation() {
    const t = useText();
    const page = app.use((s) => s.route.page);
    const guest = app.use(isGuest);
    const active = group[page] ?? page;
    const waits = useWaits();
    const writes = app.use(isWriter);
    return (
        <nav class="tabs" aria-label={t("nav.label")}>
            {tabs.filter((tab) => (!guest || !tab.staff) && (!tab.writers || writes)).map((tab) => (
                <a key={tab.page} href={tab.at} class={tab.writers ? "wide-only" : undefined} aria-current={active === tab.page ? "page" : undefined}>
                    <svg viewBox="0 0 24 24" aria-hidden="true"><path d={tab.icon} fill="none" stroke="currentColor" stroke-width="1.7" stroke-linejoin="round" stroke-linecap="round" /></svg>
                    <span>{t(tab.key)}</span>
                    {tab.page === "queue" && waits ? <b class="badge" aria-label={t("nav.waits#", { n: waits })}>{waits}</b> : null}
                </a>
            ))}
        </nav>
    );
}

function Tools() {
    const t = useText();
    const word = useWord();
    const language = app.use((s) => s.language);
    const theme = app.use((s) => s.theme);
    const session = app.use((s) => s.session);
    return (
        <div class="tools">
            <select aria-label={t("settings.language")} value={language} onChange={(e) => app.set({ language: e.currentTarget.value as Language })}>
                {Object.entries(languageNames).map(([code, name]) => <option key={code} value={code} lang={code}>{name}</option>)}
            </select>
            <select aria-label={t("settings.theme")} value={theme} onChange={(e) => app.set({ theme: e.currentTarget.value as Theme })}>
                <option value="system">{t("theme.system")}</option>
                <option value="light">{t("theme.light")}</option>
                <option value="dark">{t("theme.dark")}</option>
            </select>
            <a class="who" href={to.login()} title={session?.name ?? ""}>{session && session.role !== "guest" ? (session.name || word("role", session.role)) : t("login.title")}</a>
        </div>
    );
}

export function Header() {
    const t = useText();
    return (
        <header class="top">
            <a class="brand" href={to.map()} aria-label="Tilth"><img src="/icon.svg" alt="" width="28" height="28" /><span>Tilth</span></a>
            <Search />
            <Navigation />
            <Tools />
            <a class="skip" href="#panel-title" onClick={(e) => {
                e.preventDefault();
                document.getElementById("panel-title")?.focus();
            }}>{t("skip")}</a>
        </header>
    );
}


/*
 * What the pages know and show. What a person chose is kept in the browser's storage, which holds nothing of the project.
 */
import { type Band, type Basemap, type Layers, type Project, type Session, speak } from "./api";
import type { CoordinateForm } from "./coordinates";
import type { Position } from "./geodesy";
import { type Key, type Language, type Values, preferred, translate } from "./i18n";
import { nowhere, type Route, parseRoute } from "./route";
import { makeStore } from "./store";

export type Theme = "system" | "light" | "dark";
export type Tool = "none" | "measure" | "draw" | "pick";

/** What the server said when a record was entered or changed, for the record's own page. */
export interface Told {
    kind: string;
    code: string;
    isNew: boolean;
    doubts: string[];
}

export interface Filters {
    from: string;
    to: string;
    status: string;
    organisation: string;
}

export interface View {
    lon: number;
    lat: number;
    zoom: number;
}

export interface State {
    session: Session | null;
    project: Project | null;
    layers: Layers | null;
    trouble: string;
    language: Language;
    theme: Theme;
    dark: boolean;
    form: CoordinateForm;
    route: Route;
    band: string;
    scale: string;
    classes: string;
    opacity: number;
    baseFile: Basemap | null;
    baseShown: boolean;
    baseOpacity: number;
    shown: Record<string, boolean>;
    filters: Filters;
    years: [number, number] | null;
    bounds: [number, number, number, number] | null;
    view: View | null;
    tool: Tool;
    path: Position[];
    ring: Position[];
    drawing: "polygon" | "line";
    picked: Position | null; /* where the map was clicked with the tool "pick" */
    told: Told | null;
    edition: number; /* of the records, as far as this page changed them: a new one is a new address of the tiles */
    waits: { approve: number; back: number; answer: number }; /* what waits for whoever is logged in */
    after: string; /* where somebody was when their session ended */
    selected: GeoJSON.Geometry | null;
    marks: Array<{ lon: number; lat: number; label: string }>;
    incoming: GeoJSON.FeatureCollection | null;
    tableOpen: boolean;
    sheet: "low" | "half" | "full";
    message: string;
    offline: boolean;
}

const KEPT = ["language", "theme", "form", "scale", "opacity", "baseShown", "baseOpacity"] as const;
const STORAGE = "tilth.choices";

/* Only what a person has set is kept; the rest goes on following the device. */
function chosen(state: State, first: State): Partial<State> {
    const before = kept();
    return Object.fromEntries(KEPT.filter((k) => k in before || state[k] !== first[k]).map((k) => [k, state[k]]));
}

function kept(): Partial<State> {
    try {
        const found = JSON.parse(localStorage.getItem(STORAGE) ?? "{}") as Partial<State>;
        return Object.fromEntries(KEPT.filter((k) => k in found).map((k) => [k, found[k]]));
    } catch {
        return {};
    }
}

const darkQuery = globalThis.matchMedia?.("(prefers-color-scheme: dark)");

export const noFilters: Filters = { from: "", to: "", status: "", organisation: "" };

export const app = makeStore<State>({
    session: null,
    project: null,
    layers: null,
    trouble: "",
    language: preferred(globalThis.navigator?.languages ?? []),
    theme: "system",
    dark: darkQuery?.matches ?? false,
    form: "degrees",
    route: nowhere,
    band: "",
    scale: "viridis",
    classes: "",
    opacity: 0.75,
    baseFile: null,
    baseShown: true,
    baseOpacity: 1,
    shown: {},
    filters: noFilters,
    years: null,
    bounds: null,
    view: null,
    tool: "none",
    path: [],
    ring: [],
    drawing: "polygon",
    picked: null,
    told: null,
    edition: 0,
    waits: { approve: 0, back: 0, answer: 0 },
    after: "",
    selected: null,
    marks: [],
    incoming: null,
    tableOpen: false,
    sheet: "half",
    message: "",
    offline: false,
    ...kept(),
});

function dress({ theme, language, dark }: State): void {
    const wanted = theme === "system" ? (darkQuery?.matches ?? false) : theme === "dark";
    if (wanted !== dark) {
        app.set({ dark: wanted });
        return;
    }
    document.documentElement.dataset.theme = wanted ? "dark" : "light";
    document.documentElement.lang = language;
    speak(language);
}

/** Ties the state to the browser: address, storage, theme. */
export function bindState(): void {
    const look = () => app.set((s) => ({ route: parseRoute(location.hash), sheet: s.sheet === "low" ? "half" : s.sheet, message: "" }));
    app.set({ route: parseRoute(location.hash) });
    addEventListener("hashchange", look);
    addEventListener("online", () => app.set({ offline: false }));
    addEventListener("offline", () => app.set({ offline: true }));
    darkQuery?.addEventListener("change", () => dress(app.get()));
    dress(app.get());
    const first = app.get();
    app.subscribe((state) => {
        dress(state);
        try {
            localStorage.setItem(STORAGE, JSON.stringify(chosen(state, first)));
        } catch {
            /* storage refused: choices last as long as the page */
        }
    });
}

/** The texts in the language of the page; components that call it are drawn anew when the language changes. */
export function useText(): (key: Key, values?: Values) => string {
    const language = app.use((s) => s.language);
    return (key, values) => translate(language, key, values);
}

export function say(key: Key, values?: Values): string {
    return translate(app.get().language, key, values);
}

export function bandOf(state: State): Band | null {
    return state.layers?.raster.find((b) => b.name === state.band) ?? null;
}

/** How values become colours: as chosen, or as suits the band's range. */
export function classesOf(state: State): string {
    const band = bandOf(state);
    return state.classes && band?.classes?.includes(state.classes) ? state.classes : band?.log ? "log" : "linear";
}

/** Whoever may enter records and import files. */
export function isWriter(state: State): boolean {
    return ["entry", "verifier", "approver", "administrator"].includes(state.session?.role ?? "");
}

export function isGuest(state: State): boolean {
    return !state.session || state.session.role === "guest";
}

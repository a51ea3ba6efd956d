/*
 * Where a person is, kept in the address after "#": "#/areas/HA-0003?at=37.2,48.3,12". Back and forward work, and an address can be
 * handed on; nothing personal stands in it.
 */
export type Page = "map" | "records" | "record" | "place" | "areas" | "area" | "draw" | "scenarios" | "plan" | "login" | "about"
    | "new" | "edit" | "queue" | "release" | "findings" | "log" | "import" | "refused" | "conflicts" | "accounts" | "welcome" | "password";

export interface Route {
    page: Page;
    kind: string;
    code: string;
    lon: number | null;
    lat: number | null;
}

const pages: Page[] = ["map", "records", "record", "place", "areas", "area", "draw", "scenarios", "plan", "login", "about", "new", "edit", "queue", "release",
    "findings", "log", "import", "refused", "conflicts", "accounts", "welcome", "password"];

export const nowhere: Route = { page: "map", kind: "", code: "", lon: null, lat: null };

export function parseRoute(hash: string): Route {
    const words = hash.replace(/^#\/?/, "").split("?")[0]!.split("/").map(decode);
    const page = pages.includes(words[0] as Page) ? (words[0] as Page) : "map";
    if (page === "areas" && words[1]) return { ...nowhere, page: "area", kind: "hazard-area", code: words[1] };
    if (page === "records" && words[1] && words[2]) return { ...nowhere, page: "record", kind: words[1], code: words[2] };
    if (page === "records") return { ...nowhere, page: "records", kind: words[1] ?? "" };
    if (page === "new") {
        const [lon, lat] = (words[2] ?? "").split(",").map(Number), placed = Number.isFinite(lon) && Number.isFinite(lat) && lat !== undefined;
        return { ...nowhere, page, kind: words[1] === "-" ? "" : (words[1] ?? ""), lon: placed ? lon! : null, lat: placed ? lat! : null };
    }
    if (page === "edit" && words[1] && words[2]) return { ...nowhere, page, kind: words[1], code: words[2] };
    if (page === "release" && words[1]) return { ...nowhere, page, kind: "hazard-area", code: words[1] };
    if (page === "welcome") return { ...nowhere, page, code: words[1] ?? "" };
    if (page === "import") return { ...nowhere, page, code: words[1] ?? "" };
    /* Of one import, or of all; then one row of it. */
    if (page === "refused") return { ...nowhere, page, kind: words[1] ?? "", code: words[2] ?? "" };
    if (page === "place" && words[1]) {
        const [lon, lat] = words[1].split(",").map(Number);
        if (Number.isFinite(lon) && Number.isFinite(lat)) return { ...nowhere, page, lon: lon!, lat: lat! };
        return nowhere;
    }
    return { ...nowhere, page: ["area", "record", "place", "edit", "release"].includes(page) ? "map" : page };
}

function decode(word: string): string {
    try {
        return decodeURIComponent(word);
    } catch {
        return word;
    }
}

export const to = {
    map: () => "#/map",
    records: (kind = "") => (kind ? `#/records/${kind}` : "#/records"),
    record: (kind: string, code: string) =>
        kind === "hazard-area" || kind === "hazard_area"
            ? `#/areas/${encodeURIComponent(code)}`
            : `#/records/${kind}/${encodeURIComponent(code)}`,
    place: (lon: number, lat: number) => `#/place/${lon.toFixed(6)},${lat.toFixed(6)}`,
    areas: () => "#/areas",
    draw: () => "#/draw",
    scenarios: () => "#/scenarios",
    plan: () => "#/plan",
    login: () => "#/login",
    about: () => "#/about",
    /** A new record, of a kind or one to be chosen, where a place is looked at: there. */
    add: (kind = "", lon: number | null = null, lat: number | null = null) =>
        lon !== null && lat !== null ? `#/new/${kind || "-"}/${lon.toFixed(6)},${lat.toFixed(6)}` : kind ? `#/new/${kind}` : "#/new",
    edit: (kind: string, code: string) => `#/edit/${kind}/${encodeURIComponent(code)}`,
    queue: () => "#/queue",
    conflicts: () => "#/conflicts",
    release: (code: string) => `#/release/${encodeURIComponent(code)}`,
    findings: () => "#/findings",
    log: () => "#/log",
    accounts: () => "#/accounts",
    password: () => "#/password",
    import: (id = "") => (id ? `#/import/${id}` : "#/import"),
    refused: (of = "", row = "") => (row ? `#/refused/${of || "0"}/${row}` : of ? `#/refused/${of}` : "#/refused"),
};

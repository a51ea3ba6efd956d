/*
 * The pages: who asks, what there is, then the map with a panel beside it.
 */
import "./style.css";

import { render } from "preact";
import { useEffect } from "preact/hooks";

import * as api from "./api";
import { Header } from "./header";
import { atFirst } from "./map/style";
import { LayersPanel } from "./panels/layers";
import { RecordPanel, RecordsPanel } from "./panels/records";
import { app, bindState, useText } from "./state";
import { Stage } from "./stage";
import { Busy, Trouble } from "./ui";

/** Loads what the session may see. */
export async function begin(): Promise<void> {
    try {
        const session = await api.session();
        app.set({ session });
        const [project, layers] = await Promise.all([api.project(), api.layers()]);
        const shown = Object.fromEntries(layers.vector.map((l) => [l.kind, atFirst.includes(l.kind)]));
        const band = layers.raster.find((b) => /mean|density/.test(b.name)) ?? layers.raster[0];
        app.set((s) => ({ project, layers, band: layers.raster.some((b) => b.name === s.band) ? s.band : (band?.name ?? ""), shown: { ...shown, ...s.shown }, trouble: "" }));
    } catch (error) {
        app.set({ trouble: error instanceof api.ApiError && error.status === 0 ? "network" : (error as Error).message });
    }
}

function Page() {
    const page = app.use((s) => s.route.page);
    const ready = app.use((s) => s.project !== null);
    const trouble = app.use((s) => s.trouble);
    const t = useText();
    if (trouble && !ready)
        return (
            <section class="panel-body">
                <Trouble error={trouble === "network" ? new api.ApiError(0, "", "") : trouble} />
                <button type="button" onClick={() => void begin()}>{t("again")}</button>
            </section>
        );
    if (!ready) return <Busy />;
    switch (page) {
        case "records":
            return <RecordsPanel />;
        case "record":
            return <RecordPanel />;
        default:
            return <LayersPanel />;
    }
}

/* The sheet of a phone is pulled up and down by one button that all can press. */
function Handle() {
    const sheet = app.use((s) => s.sheet);
    const t = useText();
    const next = { low: "half", half: "full", full: "low" } as const;
    return (
        <button type="button" class="handle" aria-label={t(sheet === "full" ? "sheet.down" : "sheet.up")} onClick={() => app.set({ sheet: next[sheet] })}>
            <span aria-hidden="true" />
        </button>
    );
}

function App() {
    const sheet = app.use((s) => s.sheet);
    const page = app.use((s) => s.route.page);
    const offline = app.use((s) => s.offline);
    const t = useText();
    useEffect(() => {
        void begin();
    }, []);
    const wide = page === "scenarios" || page === "plan";
    return (
        <div class={`layout sheet-${sheet}${wide ? " wide" : ""}`}>
            <Header />
            <aside class="panel" aria-label={t("panel.label")}>
                <Handle />
                {offline ? <p class="notice warn" role="status">{t("offline")}</p> : null}
                <div class="scroll"><Page /></div>
            </aside>
            <Stage />
        </div>
    );
}

bindState();
void document.fonts.load('12px "Noto Sans Variable"', "Aя").catch(() => undefined);
render(<App />, document.getElementById("app")!);

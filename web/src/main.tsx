/*
 * The pages: who asks, what there is, then the map with a panel beside it.
 */
import "./style.css";

import { render } from "preact";

import * as api from "./api";
import { begin } from "./begin";
import { Header } from "./header";
import { AreaPanel, AreasPanel } from "./panels/areas";
import { DrawPanel } from "./panels/draw";
import { LayersPanel } from "./panels/layers";
import { LoginPanel } from "./panels/login";
import { PlacePanel } from "./panels/place";
import { RecordPanel, RecordsPanel } from "./panels/records";
import { app, bindState, useText } from "./state";
import { Stage } from "./stage";
import { Busy, lazy, Trouble } from "./ui";

const NewPanel = lazy(async () => (await import("./panels/work/record_form")).NewPanel);
const EditPanel = lazy(async () => (await import("./panels/work/record_form")).EditPanel);
const QueuePanel = lazy(async () => (await import("./panels/work/queue")).QueuePanel);
const ReleasePanel = lazy(async () => (await import("./panels/work/release")).ReleasePanel);
const FindingsPanel = lazy(async () => (await import("./panels/work/findings")).FindingsPanel);
const ConflictsPanel = lazy(async () => (await import("./panels/conflicts")).ConflictsPanel);
const ImportPages = lazy(async () => (await import("./panels/import/pages")).ImportPages);
const AccountsPanel = lazy(async () => (await import("./panels/accounts")).AccountsPanel);
const PasswordPanel = lazy(async () => (await import("./panels/password")).PasswordPanel);
const PlanPanel = lazy(async () => (await import("./panels/plan")).PlanPanel);
const ScenariosPanel = lazy(async () => (await import("./panels/scenarios")).ScenariosPanel);
const WelcomePanel = lazy(async () => (await import("./panels/welcome")).WelcomePanel);
const LogPanel = lazy(async () => (await import("./panels/work/log")).LogPanel);

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
        case "place":
            return <PlacePanel />;
        case "areas":
            return <AreasPanel />;
        case "area":
            return <AreaPanel />;
        case "draw":
            return <DrawPanel />;
        case "scenarios":
            return <ScenariosPanel />;
        case "plan":
            return <PlanPanel />;
        case "login":
            return <LoginPanel />;
        case "new":
            return <NewPanel />;
        case "edit":
            return <EditPanel />;
        case "queue":
            return <QueuePanel />;
        case "release":
            return <ReleasePanel />;
        case "findings":
            return <FindingsPanel />;
        case "conflicts":
            return <ConflictsPanel />;
        case "import":
        case "refused":
            return <ImportPages />;
        case "log":
            return <LogPanel />;
        case "accounts":
            return <AccountsPanel />;
        case "password":
            return <PasswordPanel />;
        case "welcome":
            return <WelcomePanel />;
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
    const width = page === "scenarios" || page === "log" ? " wide" : ["plan", "import", "refused", "conflicts"].includes(page) ? " broad" : "";
    return (
        <div class={`layout sheet-${sheet}${width}`}>
            <Header />
            <main class="panel">
                <Handle />
                {offline ? <p class="notice warn" role="status">{t("offline")}</p> : null}
                <div class="scroll"><Page /></div>
            </main>
            <Stage />
        </div>
    );
}

bindState();
api.whenSessionEnds(() => app.set((s) => ({ session: s.session ? { ...s.session, role: "guest", name: null } : null })));
/* Asked before anything is drawn: the map takes a while to begin, and the answers come meanwhile. */
void begin();
void document.fonts.load('12px "Noto Sans Variable"', "Aя").catch(() => undefined);
render(<App />, document.getElementById("app")!);

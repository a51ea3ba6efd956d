/*
 * The pages of an import, fetched when they are needed: a file comes in, one file on its way, what was refused.
 */
import "../../more";

import { to } from "../../route";
import { app, isWriter, useText } from "../../state";
import { Panel } from "../../ui";
import { BeginPanel } from "./begin";
import { FilePanel } from "./page";
import { RefusedPanel } from "./refused";

/* Whose role does not enter records does not import them. */
function NotFor() {
    const t = useText();
    return (
        <Panel title={t("import.title")}>
            <p class="notice warn">{t("import.not_for")} <a href={to.login()} onClick={() => app.set({ after: location.hash })}>{t("login.title")}</a></p>
        </Panel>
    );
}

export function ImportPages() {
    const { page, kind, code } = app.use((s) => s.route);
    const writes = app.use(isWriter);
    if (!writes) return <NotFor />;
    if (page === "refused") return <RefusedPanel key={kind} of={kind} id={code} />;
    return code ? <FilePanel id={code} /> : <BeginPanel />;
}

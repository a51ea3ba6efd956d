/*
 * The pages of an import, fetched when they are needed: a file comes in, one file on its way, what was refused.
 */
import "../../more";

import { app } from "../../state";
import { BeginPanel } from "./begin";
import { FilePanel } from "./page";
import { RefusedPanel } from "./refused";

export function ImportPages() {
    const { page, kind, code } = app.use((s) => s.route);
    if (page === "refused") return <RefusedPanel key={kind} of={kind} id={code} />;
    return code ? <FilePanel id={code} /> : <BeginPanel />;
}

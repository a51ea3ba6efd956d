/*
 * Loads what the session may see.
 */
import * as api from "./api";
import { atFirst } from "./map/style";
import { app } from "./state";

/** After records were changed: what the map is drawn from is asked for anew. What fails is told by the page that is on show. */
export async function refresh(): Promise<void> {
    try {
        const [project, layers] = await Promise.all([api.project(), api.layers()]);
        app.set((s) => ({ project, layers, edition: s.edition + 1 }));
    } catch {
        app.set((s) => ({ edition: s.edition + 1 }));
    }
}

/* Most servers have none; the map does not wait for it. */
function askForFile(): void {
    void api.basemap().then((file) => file.present && app.set({ baseFile: file }), () => undefined);
}

export async function begin(): Promise<void> {
    try {
        const [session, project, layers] = await Promise.all([api.session(), api.project(), api.layers()]);
        const shown = Object.fromEntries(layers.vector.map((l) => [l.kind, atFirst.includes(l.kind)]));
        const band = layers.raster.find((b) => b.name === "density_mean") ?? layers.raster[0];
        app.set((s) => ({
            session, project, layers, trouble: "",
            band: layers.raster.some((b) => b.name === s.band) ? s.band : (band?.name ?? ""),
            shown: { ...shown, ...s.shown },
        }));
        askForFile();
    } catch (error) {
        app.set({ trouble: error instanceof api.ApiError && error.status === 0 ? "network" : (error as Error).message });
    }
}

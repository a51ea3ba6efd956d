/*
 * Loads what the session may see.
 */
import * as api from "./api";
import { atFirst } from "./map/style";
import { app } from "./state";

export async function begin(): Promise<void> {
    try {
        const session = await api.session();
        app.set({ session });
        const [project, layers] = await Promise.all([api.project(), api.layers()]);
        const shown = Object.fromEntries(layers.vector.map((l) => [l.kind, atFirst.includes(l.kind)]));
        const band = layers.raster.find((b) => /mean|density/.test(b.name)) ?? layers.raster[0];
        app.set((s) => ({
            project, layers, trouble: "",
            band: layers.raster.some((b) => b.name === s.band) ? s.band : (band?.name ?? ""),
            shown: { ...shown, ...s.shown },
        }));
    } catch (error) {
        app.set({ trouble: error instanceof api.ApiError && error.status === 0 ? "network" : (error as Error).message });
    }
}

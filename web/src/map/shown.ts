/*
 * What the map is to show, out of what the pages know.
 */
import type { Position } from "../geodesy";
import { app, bandOf, classesOf, type State } from "../state";
import type { Box, Padding } from "./camera";
import type { Shown } from "./style";

export function shownOf(state: State): Shown {
    const { route } = state;
    return {
        origin: location.origin, dark: state.dark, language: state.language, extent: (state.project?.extent ?? null) as Box | null, band: bandOf(state),
        scale: state.scale, opacity: state.opacity, layers: state.layers?.vector ?? [], shown: state.shown, filters: state.filters,
        years: state.years, path: state.path, measuring: state.tool === "measure", selected: state.selected,
        point: route.page === "place" && route.lon !== null && route.lat !== null ? ([route.lon, route.lat] as Position) : null,
        marks: state.marks, incoming: state.incoming, edition: state.edition, classes: classesOf(state),
    };
}

/** Room that is left free around what is shown: on a phone the sheet lies over the lower half of the map. */
export function padding(): Padding {
    if (innerWidth >= 760) return { top: 40, bottom: 40, left: 40, right: 70 };
    return { top: 90, bottom: app.get().sheet === "low" ? 30 : Math.round(innerHeight * 0.46), left: 20, right: 60 };
}

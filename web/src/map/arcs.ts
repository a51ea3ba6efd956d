/*
 * Lines of the built-in base map, as basemap.mjs packs them into a text: an arc is how many points it has, its first point as a step from the end of the arc
 * before, and each further step but half of the step before it. Whole numbers, folded so that small ones of both signs are short.
 */

const END = 64, MORE = 28;

/* A letter's place among those that are used: neither quote nor backslash, which JSON would write as two. */
function placeOf(letter: number): number {
    return letter - 33 - (letter > 34 ? 1 : 0) - (letter > 92 ? 1 : 0);
}

/** The arcs of a topology: the first point of each, then steps. A text that is cut off is an error. */
export function readArcs(text: string): number[][][] {
    let at = 0;
    const next = (): number => {
        let value = 0, place = placeOf(text.charCodeAt(at++));
        for (; place >= END; place = placeOf(text.charCodeAt(at++))) value = value * MORE + place - END;
        if (!(place >= 0)) throw new RangeError(`base map: no number at letter ${at}`);
        value = value * END + place;
        return value % 2 ? -(value + 1) / 2 : value / 2;
    };
    const arcs: number[][][] = [];
    let x = 0, y = 0;
    while (at < text.length) {
        const n = next(), arc: number[][] = [[(x += next()), (y += next())]];
        for (let i = 1, dx = 0, dy = 0; i < n; i++) {
            arc.push([(dx = Math.trunc(dx / 2) + next()), (dy = Math.trunc(dy / 2) + next())]);
            x += dx;
            y += dy;
        }
        arcs.push(arc);
    }
    return arcs;
}

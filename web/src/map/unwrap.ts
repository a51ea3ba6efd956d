/*
 * Longitudes of a ring that go on over 180 degrees rather than jump, as the atlas joins its polygons across that line; a ring that goes round a pole is
 * closed along it.
 */
export function unwrap(ring: GeoJSON.Position[], closes: boolean): GeoJSON.Position[] {
    let shift = 0;
    const out = ring.map((p, i) => {
        const step = i > 0 ? p[0]! - ring[i - 1]![0]! : 0;
        if (step > 180) shift -= 360;
        if (step < -180) shift += 360;
        return [p[0]! + shift, p[1]!];
    });
    if (closes && shift !== 0) {
        const first = out[0]!, last = out[out.length - 1]!, pole = first[1]! < 0 ? -90 : 90;
        out.push([last[0]!, pole], [first[0]!, pole], first);
    }
    return out;
}

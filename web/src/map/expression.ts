/*
 * The few expressions that style.ts uses, worked out without the map's own library: the first picture is drawn from the same style as the map.
 */
export interface Feature {
    type: "Point" | "LineString" | "Polygon";
    properties: Record<string, unknown>;
}

const nothing: Feature = { type: "Point", properties: {} };

function interpolated(a: unknown[], zoom: number, feature: Feature): number {
    const at = Number(evaluate(a[1], zoom, feature));
    const stops: Array<[number, number]> = [];
    for (let i = 2; i + 1 < a.length; i += 2) stops.push([Number(a[i]), Number(evaluate(a[i + 1], zoom, feature))]);
    const next = stops.findIndex(([input]) => input > at);
    if (next === 0) return stops[0]![1];
    if (next < 0) return stops[stops.length - 1]![1];
    const [x0, y0] = stops[next - 1]!, [x1, y1] = stops[next]!;
    return y0 + ((y1 - y0) * (at - x0)) / (x1 - x0);
}

function chosen(op: string, a: unknown[], zoom: number, feature: Feature): unknown {
    const value = (i: number) => evaluate(a[i], zoom, feature);
    if (op === "case") {
        for (let i = 0; i + 1 < a.length; i += 2) if (value(i)) return value(i + 1);
        return value(a.length - 1);
    }
    if (op === "match") {
        const input = value(0);
        for (let i = 1; i + 1 < a.length; i += 2) {
            const label = a[i];
            if (Array.isArray(label) ? label.includes(input) : label === input) return value(i + 1);
        }
        return value(a.length - 1);
    }
    for (let i = 0; i < a.length; i++) {
        const found = value(i);
        if (found !== null && found !== undefined) return found;
    }
    return null;
}

/** Value of an expression of the style specification for a feature at a zoom; throws on one that is not known here. */
export function evaluate(expression: unknown, zoom: number, feature: Feature = nothing): unknown {
    if (!Array.isArray(expression) || typeof expression[0] !== "string") return expression;
    const [op, ...a] = expression as [string, ...unknown[]];
    const value = (i: number) => evaluate(a[i], zoom, feature);
    switch (op) {
        case "literal": return a[0];
        case "get": return feature.properties[String(a[0])] ?? null;
        case "zoom": return zoom;
        case "geometry-type": return feature.type;
        case "all": return a.every((_, i) => value(i));
        case "any": return a.some((_, i) => value(i));
        case "!": return !value(0);
        case "==": return value(0) === value(1);
        case "!=": return value(0) !== value(1);
        case ">=": return (value(0) as number) >= (value(1) as number);
        case "<=": return (value(0) as number) <= (value(1) as number);
        case ">": return (value(0) as number) > (value(1) as number);
        case "<": return (value(0) as number) < (value(1) as number);
        case "-": return a.length === 1 ? -Number(value(0)) : Number(value(0)) - Number(value(1));
        case "in": return (value(1) as unknown[] | string).includes(value(0) as string);
        case "slice": return String(value(0)).slice(Number(value(1)), a.length > 2 ? Number(value(2)) : undefined);
        case "interpolate": return interpolated(a, zoom, feature);
        case "case": case "match": case "coalesce": return chosen(op, a, zoom, feature);
        default: throw new Error(`the first picture does not know the expression "${op}"`);
    }
}

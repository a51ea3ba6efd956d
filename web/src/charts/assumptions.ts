/*
 * Main assumptions of a scenario that sliders change: a factor on best, low and high of every line of that name in its YAML. The file as changed is what is
 * sent, so that it can be read, kept and run from the command line as well.
 */
export interface Knob {
    key: "teams" | "per_year" | "numbers" | "rate" | "use";
}

export const knobs: Knob["key"][] = ["per_year", "teams", "use", "rate", "numbers"];

const rounded = (v: number): string => String(Number(v.toPrecision(4)));

export function hasKnob(yaml: string, key: Knob["key"]): boolean {
    return new RegExp(`\\b${key}: *\\{ *best:`).test(yaml);
}

export function scaleKnob(yaml: string, key: Knob["key"], factor: number): string {
    if (factor === 1) return yaml;
    return yaml.replace(new RegExp(`(\\b${key}: *\\{)([^{}]*)(\\})`, "g"), (_whole, open: string, body: string, close: string) =>
        open + body.replace(/"[^"]*"|\b(best|low|high): *([-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)/g,
            (all, name?: string, value?: string) => (name ? `${name}: ${rounded(Number(value) * factor)}` : all)) + close);
}

/** All factors at once; its title says that it was changed. */
export function changed(yaml: string, factors: Partial<Record<Knob["key"], number>>, note: string): string {
    let text = yaml;
    for (const key of knobs) text = scaleKnob(text, key, factors[key] ?? 1);
    return text.replace(/^title: *(.*)$/m, (_m, title: string) => `title: ${JSON.stringify(`${title.replace(/^"|"$/g, "")}, ${note}`)}`);
}

export function isChanged(factors: Partial<Record<Knob["key"], number>>): boolean {
    return Object.values(factors).some((f) => f !== undefined && f !== 1);
}

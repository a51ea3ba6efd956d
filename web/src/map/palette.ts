/*
 * Colours. Kinds of record are told apart by shape and by colours that colour-blind people tell apart (Okabe and Ito, 2008); scales of rasters are
 * those of the server, sampled here for the legend only.
 */
export const kindColour: Record<string, string> = {
    "hazard-area": "#d55e00",
    accident: "#b3157c",
    item: "#0072b2",
    search: "#00916e",
    report: "#8a6d00",
    line: "#6b6b6b",
    place: "#444444",
    task: "#5b3fb5",
    added: "#00785a",
    updated: "#b45f00",
    unchanged: "#6b6b6b",
};

export const kindColourDark: Record<string, string> = {
    "hazard-area": "#ff8a3d",
    accident: "#ff6ec7",
    item: "#58b8f5",
    search: "#35d0a5",
    report: "#e8c547",
    line: "#b5b5b5",
    place: "#e0e0e0",
    task: "#b6a2ff",
    added: "#35d0a5",
    updated: "#ffab5c",
    unchanged: "#b5b5b5",
};

export type Shape = "area" | "triangle" | "circle" | "square" | "diamond" | "line" | "dot" | "hatch" | "plus" | "ring";

export const kindShape: Record<string, Shape> = {
    "hazard-area": "area",
    accident: "triangle",
    item: "circle",
    search: "hatch",
    report: "square",
    line: "line",
    place: "dot",
    task: "diamond",
    /* Records of an import. */
    added: "plus",
    updated: "diamond",
    unchanged: "ring",
};

/** Nine colours of each scale, from its lowest to its highest value. */
export const scales: Record<string, string[]> = {
    viridis: ["#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#fde725"],
    cividis: ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#fee838"],
    magma: ["#000004", "#180f3d", "#440f76", "#721f81", "#9e2f7f", "#cd4071", "#f1605d", "#fd9668", "#fcfdbf"],
    grey: ["#000000", "#202020", "#404040", "#606060", "#808080", "#9f9f9f", "#bfbfbf", "#dfdfdf", "#ffffff"],
};

export interface BaseColours {
    sea: string;
    land: string;
    border: string;
    coast: string;
    text: string;
    halo: string;
}

export const baseColours: Record<"light" | "dark", BaseColours> = {
    light: { sea: "#dbe6ea", land: "#f6f4ee", border: "#b9b2a4", coast: "#a9bcc4", text: "#3a423e", halo: "#f6f4ee" },
    dark: { sea: "#10181c", land: "#1d2427", border: "#4d575a", coast: "#35454c", text: "#d9dfdb", halo: "#12181a" },
};

/*
 * Drawing and editing one polygon or line with terra-draw, which is fetched when it is first needed. It lives in the state as its turning points; the tool
 * follows the state and tells it what a person changed.
 */
import type { Map } from "maplibre-gl";
import type { GeoJSONStoreFeatures, TerraDraw } from "terra-draw";

import type { Position } from "../geodesy";
import { app } from "../state";

const DIGITS = 8;

type Mode = "polygon" | "linestring";
const modeNow = (): Mode => (app.get().drawing === "line" ? "linestring" : "polygon");

function toFeature(ring: Position[], mode: Mode): GeoJSONStoreFeatures {
    const round = ([x, y]: Position): Position => [Number(x.toFixed(DIGITS)), Number(y.toFixed(DIGITS))];
    if (mode === "linestring") return { type: "Feature", properties: { mode }, geometry: { type: "LineString", coordinates: ring.map(round) } };
    const closed = [...ring, ring[0]!].map(round);
    return { type: "Feature", properties: { mode }, geometry: { type: "Polygon", coordinates: [closed] } };
}

const isShape = (f: GeoJSONStoreFeatures) => f.geometry.type === (modeNow() === "polygon" ? "Polygon" : "LineString");

function ringOf(feature: GeoJSONStoreFeatures): Position[] {
    if (feature.geometry.type === "LineString") return feature.geometry.coordinates as Position[];
    return feature.geometry.type === "Polygon" ? (feature.geometry.coordinates[0]!.slice(0, -1) as Position[]) : [];
}

async function makeTool(map: Map): Promise<TerraDraw> {
    const [{ TerraDraw, TerraDrawLineStringMode, TerraDrawPolygonMode, TerraDrawSelectMode }, { TerraDrawMapLibreGLAdapter }] = await Promise.all([
        import("terra-draw"),
        import("terra-draw-maplibre-gl-adapter"),
    ]);
    const strong = app.get().dark ? "#ffffff" : "#111111";
    const colours = { fillColor: "#1c6b57", fillOpacity: 0.25, outlineColor: strong, outlineWidth: 3 } as const;
    const draw = new TerraDraw({
        adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: DIGITS }),
        modes: [
            new TerraDrawPolygonMode({ styles: { ...colours, closingPointColor: "#ffffff", closingPointOutlineColor: strong } as never }),
            new TerraDrawLineStringMode({ styles: { lineStringColor: strong, lineStringWidth: 3, closingPointColor: "#ffffff", closingPointOutlineColor: strong } as never }),
            new TerraDrawSelectMode({
                flags: { polygon: { feature: { draggable: true, coordinates: { midpoints: true, draggable: true, deletable: true } } },
                    linestring: { feature: { draggable: true, coordinates: { midpoints: true, draggable: true, deletable: true } } } },
                styles: { selectedLineStringColor: strong, selectedLineStringWidth: 3, selectedPolygonColor: "#1c6b57", selectedPolygonFillOpacity: 0.25, selectedPolygonOutlineColor: strong,
                    selectedPolygonOutlineWidth: 3, selectionPointColor: "#ffffff", selectionPointOutlineColor: strong, selectionPointOutlineWidth: 2,
                    selectionPointWidth: 6, midPointColor: "#1c6b57", midPointOutlineColor: "#ffffff", midPointWidth: 4 } as never,
            }),
        ],
    });
    draw.start();
    return draw;
}

/** Lets the drawing tool follow the state; the answer ends it. */
export function startDrawing(map: Map): () => void {
    let tool: TerraDraw | null = null, making = false, mine: Position[] = [], ended = false;
    const take = () => {
        const shape = tool?.getSnapshot().find((f) => isShape(f) && !f.properties.currentlyDrawing);
        mine = shape ? ringOf(shape) : [];
        app.set({ ring: mine });
    };
    const show = (ring: Position[]) => {
        if (!tool) return;
        tool.clear();
        mine = ring;
        const mode = modeNow();
        if (ring.length < (mode === "polygon" ? 3 : 2)) {
            tool.setMode(mode);
            return;
        }
        tool.addFeatures([toFeature(ring, mode)]);
        tool.setMode("select");
        const feature = tool.getSnapshot().find(isShape);
        if (feature?.id !== undefined) tool.selectFeature(feature.id);
    };
    const follow = async () => {
        const { tool: wanted, ring } = app.get();
        if (wanted !== "draw") {
            if (tool) {
                tool.stop();
                tool = null;
            }
            return;
        }
        if (making) return;
        if (!tool) {
            making = true;
            const made = await makeTool(map);
            making = false;
            if (ended || app.get().tool !== "draw") {
                made.stop();
                return;
            }
            tool = made;
            tool.on("finish", () => {
                take();
                show(app.get().ring);
            });
            tool.on("change", (_ids, type) => {
                if (type === "update" && tool?.getMode() === "select") {
                    const shape = tool.getSnapshot().find(isShape);
                    if (shape) {
                        mine = ringOf(shape);
                        app.set({ ring: mine });
                    }
                }
            });
            show(app.get().ring);
        } else if (ring !== mine) show(ring);
    };
    const whenReady = () => void follow();
    const stop = app.subscribe(whenReady);
    if (map.loaded()) whenReady();
    else map.once("load", whenReady);
    return () => {
        ended = true;
        stop();
        tool?.stop();
    };
}

/*
 * The first picture while it stands: drawn when the project is known, and again whenever what it shows, or its size, changes.
 */
import { app } from "../state";
import { boxOf, type Box, type Camera, cameraFor, type Size } from "./camera";
import { padding, shownOf } from "./shown";
import { drawSketch, forgetTiles } from "./sketch";
import { type BaseData, buildStyle } from "./style";

/* The map begins without a picture when this has not come in so long; and when nobody says that the picture is on the screen. */
const LATEST_MS = 4000, SHOWN_MS = 600;

/* Calls when the picture is on the screen: the words below it come in the same frame, and the browser tells when that has been shown. */
function whenShown(call: () => void): void {
    let told = false;
    const tell = () => {
        if (!told) setTimeout(call, 0);
        told = true;
    };
    setTimeout(tell, SHOWN_MS);
    try {
        new PerformanceObserver((list, observer) => {
            if (!list.getEntries().some((e) => (e as PerformanceEntry & { identifier?: string }).identifier === "first-map")) return;
            observer.disconnect();
            tell();
        }).observe({ type: "element", buffered: true });
    } catch {
        /* a browser that does not tell: the time above is all there is */
    }
}

export interface FirstPicture {
    camera(): Camera;
    look(camera: Camera): void;
    /** As when a box is to be seen. */
    fit(box: Box, maxZoom: number): void;
    end(): void;
}

/** Keeps the first picture on a canvas; `stands` is called once, when it is whole or cannot be had. */
export function firstPicture(canvas: HTMLCanvasElement, base: Promise<BaseData | null>, stands: () => void): FirstPicture {
    let at: Camera | null = null, turn = 0, drawn = 0, frame = 0, told = false, timer = 0;
    const size = (): Size => ({ width: canvas.clientWidth || 1, height: canvas.clientHeight || 1 });
    const tell = (drawn: boolean) => {
        if (told) return;
        told = true;
        clearTimeout(timer);
        if (drawn) whenShown(stands);
        else stands();
    };
    const place = (camera: Camera) => {
        at = camera;
        app.set({ view: { ...camera }, bounds: boxOf(camera, size()) });
    };
    const begin = () => {
        const { project } = app.get();
        if (!timer && !told) timer = window.setTimeout(() => tell(false), LATEST_MS);
        if (!at) place(cameraFor((project?.extent as Box | null | undefined) ?? [-170, -55, 170, 70], size(), padding(), 19));
    };
    const draw = async () => {
        if (!app.get().project) return;
        begin();
        const mine = ++turn;
        try {
            const land = await base;
            await document.fonts.load('400 12px "Noto Sans Variable"', "Aя").catch(() => undefined);
            if (!(await drawSketch(canvas, buildStyle(shownOf(app.get()), land), at!, size(), () => mine !== turn))) return;
            canvas.parentElement!.dataset.picture = String(++drawn);
            tell(true);
        } catch (error) {
            console.warn(error);
            tell(false);
        }
    };
    const soon = () => {
        if (!frame)
            frame = requestAnimationFrame(() => {
                frame = 0;
                void draw();
            });
    };
    const stop = app.subscribe(soon);
    const watch = new ResizeObserver(soon);
    watch.observe(canvas);
    return {
        camera: () => at ?? { lon: 0, lat: 0, zoom: 0 },
        look: (camera) => {
            place(camera);
            soon();
        },
        fit: (box, maxZoom) => {
            place(cameraFor(box, size(), padding(), maxZoom));
            soon();
        },
        end: () => {
            turn++;
            clearTimeout(timer);
            cancelAnimationFrame(frame);
            stop();
            watch.disconnect();
            forgetTiles();
            canvas.width = canvas.height = 0;
        },
    };
}

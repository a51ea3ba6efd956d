/*
 * A photograph as it is kept and sent: made smaller on the device, so that a thin network carries it, and a picture only. What a camera writes into its files
 * beside the picture (place, time, maker, a face that was recognised, the picture before it was cut) is left out: it can give away persons and exact places. Where it was
 * taken is the record's own position. Some browsers write a little of their own when they make a JPEG; that is taken out as well, and the server takes none
 * that has any.
 */
export const SIDE = 2048, THUMB_SIDE = 320, QUALITY = 0.85, FILE_MAX_BYTES = 64 * 1024 * 1024;

/** A file that this browser cannot read as a picture. */
export class NoPicture extends Error {}

const ascii = (bytes: Uint8Array, at: number, text: string) => [...text].every((c, i) => bytes[at + i] === c.charCodeAt(0));

/* Shape and colours of the picture; all other application segments and comments tell something else. */
function isPlain(bytes: Uint8Array, marker: number, at: number): boolean {
    if (marker === 0xe0) return ascii(bytes, at, "JFIF\0");
    if (marker === 0xe2) return ascii(bytes, at, "ICC_PROFILE\0");
    if (marker === 0xee) return ascii(bytes, at, "Adobe");
    return !(marker >= 0xe1 && marker <= 0xef) && marker !== 0xfe;
}

/** A JPEG without metadata, up to the end of its picture; its coded bytes stay as they are. */
export function bare(bytes: Uint8Array): Uint8Array {
    const kept: Array<[from: number, to: number]> = [[0, 2]];
    if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw new NoPicture("no JPEG");
    let at = 2;
    for (;;) {
        const from = at;
        if (bytes[at] !== 0xff) throw new NoPicture(`damaged at byte ${at}`);
        while (bytes[at] === 0xff) at++;
        const marker = bytes[at++];
        if (marker === undefined) throw new NoPicture("cut off");
        if (marker === 0xd9) {
            kept.push([from, at]);
            break;
        }
        const length = at + 2 <= bytes.length ? bytes[at]! * 256 + bytes[at + 1]! : 0, end = at + length;
        if (length < 2 || end > bytes.length) throw new NoPicture("cut off");
        if (isPlain(bytes, marker, at + 2)) kept.push([from, end]);
        at = end;
        if (marker !== 0xda) continue;
        /* Coded bytes end at the next FF that neither a zero nor a restart marker follows. */
        while (at + 1 < bytes.length && !(bytes[at] === 0xff && bytes[at + 1] !== 0 && (bytes[at + 1]! < 0xd0 || bytes[at + 1]! > 0xd7))) at++;
        kept.push([end, at]);
    }
    const made = new Uint8Array(kept.reduce((n, [from, to]) => n + to - from, 0));
    let put = 0;
    for (const [from, to] of kept) {
        made.set(bytes.subarray(from, to), put);
        put += to - from;
    }
    return made;
}

/** Width and height within a square of that side; never larger than it was. */
export function fit(width: number, height: number, side: number): [width: number, height: number] {
    const scale = Math.min(1, side / Math.max(width, height));
    return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

async function draw(picture: ImageBitmap, side: number, quality: number): Promise<{ bytes: ArrayBuffer; width: number; height: number }> {
    const [width, height] = fit(picture.width, picture.height, side);
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const to = canvas.getContext("2d");
    if (!to) throw new NoPicture("no memory for a picture");
    to.fillStyle = "#ffffff"; /* where a picture is transparent */
    to.fillRect(0, 0, width, height);
    to.imageSmoothingQuality = "high";
    to.drawImage(picture, 0, 0, width, height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
    canvas.width = canvas.height = 0; /* some telephones let its memory go only so */
    if (blob?.type !== "image/jpeg") throw new NoPicture("no JPEG can be made here");
    const made = bare(new Uint8Array(await blob.arrayBuffer()));
    return { bytes: made.buffer as ArrayBuffer, width, height };
}

export interface Made {
    bytes: ArrayBuffer;
    width: number;
    height: number;
    thumb: ArrayBuffer;
}

/** The picture of a file, upright, and a small one of it. */
export async function makePhoto(file: Blob): Promise<Made> {
    let picture: ImageBitmap;
    try {
        picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    } catch (e) {
        throw new NoPicture((e as Error).message);
    }
    try {
        const whole = await draw(picture, SIDE, QUALITY);
        return { ...whole, thumb: (await draw(picture, THUMB_SIDE, 0.75)).bytes };
    } finally {
        picture.close();
    }
}

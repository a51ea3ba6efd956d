/*
 * Reads a vector tile (Mapbox Vector Tile Specification 2.1) as far as the first picture needs it.
 */
import type { Feature } from "./expression";

export interface Shape extends Feature {
    /** Rings, lines or points as x, y, x, y ... in units of the layer's extent. */
    parts: number[][];
}

export interface TileLayer {
    name: string;
    extent: number;
    features: Shape[];
}

const TYPES: Array<Shape["type"]> = ["Point", "Point", "LineString", "Polygon"];

class Reader {
    at = 0;
    private readonly view: DataView;

    constructor(private readonly bytes: Uint8Array) {
        this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }

    get more(): boolean {
        return this.at < this.bytes.length;
    }

    varint(): number {
        let value = 0, scale = 1;
        for (;;) {
            const byte = this.bytes[this.at++];
            if (byte === undefined) throw new Error("the tile is cut off");
            value += (byte & 0x7f) * scale;
            if (byte < 0x80) return value;
            scale *= 128;
        }
    }

    block(): Uint8Array {
        const length = this.varint(), from = this.at;
        if (from + length > this.bytes.length) throw new Error("the tile is cut off");
        this.at = from + length;
        return this.bytes.subarray(from, this.at);
    }

    float(size: 4 | 8): number {
        this.at += size;
        return size === 4 ? this.view.getFloat32(this.at - 4, true) : this.view.getFloat64(this.at - 8, true);
    }

    skip(wire: number): void {
        if (wire === 0) this.varint();
        else if (wire === 1) this.at += 8;
        else if (wire === 2) this.block();
        else if (wire === 5) this.at += 4;
        else throw new Error(`a field of type ${wire} in the tile`);
    }

    /** Calls for each field with its number and wire type; what the call does not read is passed over. */
    fields(call: (field: number, wire: number) => boolean): void {
        while (this.more) {
            const tag = this.varint();
            if (!call(tag >>> 3, tag & 7)) this.skip(tag & 7);
        }
    }
}

const signed = (n: number) => (n % 2 ? -(n + 1) / 2 : n / 2);
const decoder = new TextDecoder();

function readValue(bytes: Uint8Array): unknown {
    const reader = new Reader(bytes);
    let value: unknown = null;
    reader.fields((field, wire) => {
        if (field === 1 && wire === 2) value = decoder.decode(reader.block());
        else if (field === 2) value = reader.float(4);
        else if (field === 3) value = reader.float(8);
        else if (field === 6) value = signed(reader.varint());
        else if (field === 7) value = reader.varint() !== 0;
        else if (wire === 0) value = reader.varint();
        else return false;
        return true;
    });
    return value;
}

function readParts(bytes: Uint8Array): number[][] {
    const reader = new Reader(bytes), parts: number[][] = [];
    let x = 0, y = 0;
    while (reader.more) {
        const command = reader.varint(), kind = command & 7;
        if (kind === 7) {
            const ring = parts[parts.length - 1];
            if (ring) ring.push(ring[0]!, ring[1]!);
            continue;
        }
        for (let n = command >>> 3; n > 0; n--) {
            x += signed(reader.varint());
            y += signed(reader.varint());
            if (kind === 1) parts.push([x, y]);
            else parts[parts.length - 1]?.push(x, y);
        }
    }
    return parts;
}

function readFeature(bytes: Uint8Array, keys: string[], values: unknown[]): Shape {
    const reader = new Reader(bytes);
    const shape: Shape = { type: "Point", properties: {}, parts: [] };
    reader.fields((field, wire) => {
        if (field === 2 && wire === 2) {
            const tags = new Reader(reader.block());
            while (tags.more) {
                const key = keys[tags.varint()], value = values[tags.varint()];
                if (key !== undefined) shape.properties[key] = value;
            }
        } else if (field === 3 && wire === 0) shape.type = TYPES[reader.varint()] ?? "Point";
        else if (field === 4 && wire === 2) shape.parts = readParts(reader.block());
        else return false;
        return true;
    });
    return shape;
}

function readLayer(bytes: Uint8Array): TileLayer {
    const reader = new Reader(bytes), features: Uint8Array[] = [], keys: string[] = [], values: unknown[] = [];
    let name = "", extent = 4096;
    reader.fields((field, wire) => {
        if (field === 5 && wire === 0) extent = reader.varint();
        else if (wire !== 2) return false;
        else if (field === 1) name = decoder.decode(reader.block());
        else if (field === 2) features.push(reader.block());
        else if (field === 3) keys.push(decoder.decode(reader.block()));
        else if (field === 4) values.push(readValue(reader.block()));
        else return false;
        return true;
    });
    return { name, extent, features: features.map((f) => readFeature(f, keys, values)) };
}

/** Layers of a tile. */
export function readTile(bytes: Uint8Array): TileLayer[] {
    const reader = new Reader(bytes), layers: TileLayer[] = [];
    reader.fields((field, wire) => {
        if (field !== 3 || wire !== 2) return false;
        layers.push(readLayer(reader.block()));
        return true;
    });
    return layers;
}

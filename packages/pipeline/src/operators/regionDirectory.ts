import { UNKNOWN_REGION } from '../contracts/dimensions.ts';
import { murmur2 } from '../contracts/partitioner.ts';
import { KeySlots } from './keySlots.ts';
import { MAX_REGIONS } from './memberIndex.ts';

export interface Region {
  readonly code: string;
  readonly name: string;
  readonly lat: number;
  readonly lng: number;
}

const DEGREE = Math.PI / 180;
const text = new TextDecoder('utf-8', { ignoreBOM: true });
/** No point of a 1° cell is further from its centre than this, in radians of arc. */
const CELL_RADIUS = Math.SQRT1_2 * DEGREE * 1.001;
/** `lat,lng` in decimal degrees. */
const POINT = /^\s*([-+]?(?:\d{1,3}(?:\.\d*)?|\.\d+))\s*,\s*([-+]?(?:\d{1,3}(?:\.\d*)?|\.\d+))\s*$/;
const MAX_CACHED = 65_536;

/**
 * Finds the region of a location: `lat,lng` → nearest centroid by great circle (ties: the region first known);
 * a name or code is looked up, case-insensitively; anything else is `unknown`. A lazily filled 1° grid holds the
 * only candidates that can be nearest to a point of the cell, so the answer is exact.
 */
export class RegionDirectory {
  /** Region 0 is `unknown`. Numbers are given in order of arrival and never change. */
  #regions: (Region & { readonly x: number; readonly y: number; readonly z: number; active: boolean })[] = [];
  #byCode = new Map<string, number>();
  #byName = new Map<string, number>();
  #grid = new Map<number, readonly number[]>();
  /** Regions of location texts seen before: people stay where they are. */
  #cached = new KeySlots();
  #cachedRegion: number[] = [];

  constructor() {
    this.put({ code: UNKNOWN_REGION, name: 'Unknown', lat: 0, lng: 0 });
    this.remove(UNKNOWN_REGION);
  }

  get count(): number {
    return this.#regions.length;
  }

  code(region: number): string {
    return this.#regions[region]?.code ?? UNKNOWN_REGION;
  }

  /** Adds or moves a region. Beyond {@link MAX_REGIONS} new ones are ignored, and so is one that is not on the globe. */
  put(region: Region): void {
    if (!(Math.abs(region.lat) <= 90 && Math.abs(region.lng) <= 180)) return;
    const cos = Math.cos(region.lat * DEGREE);
    const entry = {
      ...region,
      x: cos * Math.cos(region.lng * DEGREE),
      y: cos * Math.sin(region.lng * DEGREE),
      z: Math.sin(region.lat * DEGREE),
      active: true,
    };
    const known = this.#byCode.get(region.code);
    if (known !== undefined) this.#regions[known] = entry;
    else if (this.#regions.length < MAX_REGIONS) {
      this.#byCode.set(region.code, this.#regions.length);
      this.#regions.push(entry);
    }
    this.#reindex();
  }

  remove(code: string): void {
    const region = this.#regions[this.#byCode.get(code) ?? -1];
    if (region !== undefined) region.active = false;
    this.#reindex();
  }

  #reindex(): void {
    this.#grid.clear();
    this.#forget();
    this.#byName.clear();
    this.#regions.forEach((r, i) => {
      if (!r.active) return;
      this.#byName.set(r.code.toLowerCase(), i);
      const name = r.name.toLowerCase();
      if (!this.#byName.has(name)) this.#byName.set(name, i);
    });
  }

  /** Number of the region of the location in `bytes[start, end)`. */
  locate(bytes: Uint8Array, start: number, end: number): number {
    if (end <= start) return 0;
    if (this.#cached.count >= MAX_CACHED) this.#forget();
    const known = this.#cached.count;
    const slot = this.#cached.slotOf(bytes, start, end, murmur2(bytes, start, end));
    if (slot < known) return this.#cachedRegion[slot] as number;
    const region = this.#resolve(text.decode(bytes.subarray(start, end)));
    this.#cachedRegion.push(region);
    return region;
  }

  #resolve(location: string): number {
    const point = POINT.exec(location);
    if (point !== null) {
      const lat = Number(point[1]);
      const lng = Number(point[2]);
      if (Math.abs(lat) <= 90 && Math.abs(lng) <= 180) return this.nearest(lat, lng);
    }
    return this.#byName.get(location.trim().toLowerCase()) ?? 0;
  }

  #forget(): void {
    this.#cached = new KeySlots();
    this.#cachedRegion = [];
  }

  /** Number of the active region nearest to the point in degrees; 0 if there is none. */
  nearest(lat: number, lng: number): number {
    const row = Math.min(179, Math.floor(lat + 90));
    const column = Math.min(359, Math.floor(lng + 180));
    const cell = row * 360 + column;
    let candidates = this.#grid.get(cell);
    if (candidates === undefined) {
      candidates = this.#candidates(row - 89.5, column - 179.5);
      this.#grid.set(cell, candidates);
    }
    if (candidates.length === 1) return candidates[0] as number;
    const cos = Math.cos(lat * DEGREE);
    const x = cos * Math.cos(lng * DEGREE);
    const y = cos * Math.sin(lng * DEGREE);
    const z = Math.sin(lat * DEGREE);
    let best = 0;
    let bestDot = Number.NEGATIVE_INFINITY;
    for (const i of candidates) {
      const r = this.#regions[i];
      if (r === undefined) continue;
      const dot = x * r.x + y * r.y + z * r.z;
      if (dot > bestDot) {
        bestDot = dot;
        best = i;
      }
    }
    return best;
  }

  /** Regions that can be nearest to some point within the cell: by the triangle inequality round its centre. */
  #candidates(lat: number, lng: number): readonly number[] {
    const cos = Math.cos(lat * DEGREE);
    const x = cos * Math.cos(lng * DEGREE);
    const y = cos * Math.sin(lng * DEGREE);
    const z = Math.sin(lat * DEGREE);
    const arcs = this.#regions.map((r) =>
      r.active ? Math.acos(Math.max(-1, Math.min(1, x * r.x + y * r.y + z * r.z))) : Number.POSITIVE_INFINITY,
    );
    const limit = Math.min(...arcs) + 2 * CELL_RADIUS;
    return arcs.flatMap((arc, i) => (arc <= limit && arc !== Number.POSITIVE_INFINITY ? [i] : []));
  }

  toJSON(): readonly (Region & { readonly active: boolean })[] {
    return this.#regions.slice(1).map(({ code, name, lat, lng, active }) => ({ code, name, lat, lng, active }));
  }

  static fromJSON(regions: ReturnType<RegionDirectory['toJSON']>): RegionDirectory {
    const directory = new RegionDirectory();
    for (const r of regions) directory.put(r);
    for (const r of regions) if (!r.active) directory.remove(r.code);
    return directory;
  }
}

import { isRecord, isSoundText } from './text.ts';

const MAX_LOCATION_BYTES = 128;

function coordinate(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

function pair(lat: unknown, lng: unknown): string | null {
  const y = coordinate(lat);
  const x = coordinate(lng);
  return y === null || x === null || Math.abs(y) > 90 || Math.abs(x) > 180 ? null : `${y},${x}`;
}

/** Text that can only be meant as coordinates, whether or not they are any: `1,2`, `999,999`, `NaN,NaN`. */
const COORDINATES =
  /^([+-]?(?:\d[\d.eE+-]*|\.\d+|nan|inf|infinity))\s*,\s*([+-]?(?:\d[\d.eE+-]*|\.\d+|nan|inf|infinity))$/i;

function textLocation(value: string): string | null {
  if (!isSoundText(value, MAX_LOCATION_BYTES)) return null;
  const text = value.trim();
  const parts = COORDINATES.exec(text);
  return parts === null || pair(parts[1], parts[2]) !== null ? text : null;
}

/**
 * The location as the log holds it: `lat,lng`, a region's name or code, or empty for none. Takes text, `[lat, lng]`,
 * `{ lat, lng }` (also `latitude`, `longitude`, `lon`) and `{ region }`. Null if it is none of these, also for text of
 * two numbers that are no place; other text that no region answers to is fine (its region is `unknown`).
 */
export function locationText(value: unknown): string | null {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return textLocation(value);
  if (Array.isArray(value)) return value.length === 2 ? pair(value[0], value[1]) : null;
  if (!isRecord(value)) return null;
  const lat = value.lat ?? value.latitude;
  if (lat !== undefined) return pair(lat, value.lng ?? value.lon ?? value.longitude);
  const { region } = value;
  return typeof region === 'string' ? textLocation(region) : null;
}

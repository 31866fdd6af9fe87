import { isUtf8 } from 'node:buffer';
import { HttpProblem } from '../http/problem.ts';
import { nestsDeeperThan } from './jsonDepth.ts';
import { findJsonFault } from './jsonFault.ts';

export const MAX_RECORDS = 50_000;
/** Objects and arrays within each other: batch, record, metadata, and room for what producers put there. */
export const MAX_JSON_DEPTH = 32;

/** One record of a body: a JSON value, or why the line holds none. */
export type BodyRecord =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'malformed'; readonly message: string; readonly raw: string };

const NEWLINE = 0x0a;
const OPEN_BRACKET = 0x5b;

/**
 * A JSON value of any shape.
 * @throws HttpProblem `invalid_utf8`, `malformed_json` (with the position), `too_deep`.
 */
export function parseJson(body: Buffer): unknown {
  assertNotEmpty(body);
  const text = utf8Text(body);
  if (nestsDeeperThan(body, MAX_JSON_DEPTH))
    throw new HttpProblem(400, 'too_deep', `JSON may nest ${MAX_JSON_DEPTH} levels deep.`);
  try {
    return JSON.parse(text);
  } catch {
    const { position, line, column } = findJsonFault(text);
    throw new HttpProblem(400, 'malformed_json', `The body is not JSON: see line ${line}, column ${column}.`, {
      position,
      line,
      column,
    });
  }
}

/**
 * The records of a JSON array, or of a single JSON value.
 * @throws HttpProblem as {@link parseJson}, and `too_many_records`.
 */
export function parseJsonRecords(body: Buffer): readonly BodyRecord[] {
  const value = parseJson(body);
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  assertRecordCount(values.length);
  return values.map((one) => ({ kind: 'value', value: one }));
}

/**
 * The records of NDJSON, one per line that is not blank. A line stands for itself: a malformed one does not spoil
 * the others.
 * @throws HttpProblem `malformed_json` for an empty body, `too_many_records`.
 */
export function parseNdjsonRecords(body: Buffer): readonly BodyRecord[] {
  assertNotEmpty(body);
  const records: BodyRecord[] = [];
  let line = 0;
  for (let start = 0; start < body.length; ) {
    const newline = body.indexOf(NEWLINE, start);
    const end = newline < 0 ? body.length : newline;
    line++;
    const bytes = body.subarray(start, end);
    start = end + 1;
    if (isBlank(bytes)) continue;
    records.push(parseLine(bytes, line));
    assertRecordCount(records.length);
  }
  return records;
}

function parseLine(bytes: Buffer, line: number): BodyRecord {
  const malformed = (message: string): BodyRecord => ({
    kind: 'malformed',
    message: `Line ${line} ${message}`,
    raw: bytes.toString('utf8'),
  });
  if (!isUtf8(bytes)) return malformed('is not UTF-8.');
  if (nestsDeeperThan(bytes, MAX_JSON_DEPTH)) return malformed(`nests deeper than ${MAX_JSON_DEPTH} levels.`);
  const text = bytes.toString('utf8');
  try {
    return { kind: 'value', value: JSON.parse(text) };
  } catch {
    return malformed(`is not JSON: see column ${findJsonFault(text).column}.`);
  }
}

/** Whether a body without a telling content type is NDJSON: it begins an object and has a line after its first. */
export function looksLikeNdjson(body: Buffer): boolean {
  const newline = body.indexOf(NEWLINE);
  if (newline < 0 || body[0] === OPEN_BRACKET) return false;
  const first = body.subarray(0, newline).toString('utf8').trim();
  return first.startsWith('{') && first.endsWith('}') && !isBlank(body.subarray(newline + 1));
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((code) => code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a);
}

function assertNotEmpty(body: Buffer): void {
  if (body.length === 0)
    throw new HttpProblem(400, 'malformed_json', 'The body is empty.', { position: 0, line: 1, column: 1 });
}

function utf8Text(body: Buffer): string {
  if (isUtf8(body)) return body.toString('utf8');
  throw new HttpProblem(400, 'invalid_utf8', 'The body is not UTF-8.', { position: firstInvalidByte(body) });
}

/** Halves the body until the first byte that is not UTF-8 is found. */
function firstInvalidByte(body: Buffer): number {
  let sound = 0;
  let length = body.length;
  while (length > 1) {
    const half = Math.ceil(length / 2);
    // A cut inside a character looks invalid: move it to the next character's start.
    let end = sound + half;
    while (end < body.length && ((body[end] ?? 0) & 0xc0) === 0x80 && end - sound - half < 3) end++;
    if (isUtf8(body.subarray(sound, end))) {
      length -= end - sound;
      sound = end;
    } else if (half === length) return sound;
    else length = half;
  }
  return sound;
}

function assertRecordCount(count: number): void {
  if (count > MAX_RECORDS)
    throw new HttpProblem(413, 'too_many_records', `A request may hold ${MAX_RECORDS} records.`, {
      limit: MAX_RECORDS,
    });
}

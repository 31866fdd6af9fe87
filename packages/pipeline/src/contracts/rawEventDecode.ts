import { PLATFORMS } from './dimensions.ts';

/**
 * Decodes `ebap.events.raw` values in place: no allocation per event, text stays a slice of the batch's bytes.
 * Hot loop: one flat reader over the known schema (about a million events per second and core).
 */
export class RawEventView {
  bytes: Uint8Array = new Uint8Array(0);
  /** Number of the workspace, given by whoever resolved it (identities are per workspace). */
  workspace = 0;
  workspaceStart = 0;
  workspaceEnd = 0;
  /** The UUID as four big-endian words. */
  id0 = 0;
  id1 = 0;
  id2 = 0;
  id3 = 0;
  userStart = 0;
  userEnd = 0;
  /** Index into ACTIONS, or -1. */
  action = 0;
  timestampMs = 0;
  locationStart = 0;
  locationEnd = 0;
  /** Index into PLATFORMS. */
  platform = 0;
  itemStart = -1;
  itemEnd = -1;
  /** 1e-4 units of the currency, -1 = none, NaN = not representable. */
  amountUnits = -1;
  /** Three ASCII letters as one number, 0 = none, -1 = not three letters. */
  currency = 0;
  pseudonymStart = -1;
  pseudonymEnd = -1;
}

export type DecodeOutcome = 'ok' | 'malformed_avro' | 'invalid_id';

let at = 0;
let limit = 0;
let bad = false;

/** Reads the Avro body in `bytes[start, end)` (after the wire header) into `out`. */
export function decodeRawEvent(bytes: Uint8Array, start: number, end: number, out: RawEventView): DecodeOutcome {
  at = start;
  limit = end;
  bad = false;
  out.bytes = bytes;
  let size = readLength(bytes);
  out.workspaceStart = at;
  out.workspaceEnd = at += size;
  size = readLength(bytes);
  const idAt = at;
  at += size;
  const idOk = size === 36 && at <= limit && readUuid(bytes, idAt, out);
  size = readLength(bytes);
  out.userStart = at;
  out.userEnd = at += size;
  out.action = readLong(bytes);
  if (out.action < 0 || out.action > 3) out.action = -1;
  out.timestampMs = readLong(bytes);
  size = readLength(bytes);
  out.locationStart = at;
  out.locationEnd = at += size;
  size = readLength(bytes);
  out.platform = at + size <= limit ? platformIndex(bytes, at, size) : 0;
  at += size;
  readMetadata(bytes, out);
  skipMap(bytes);
  out.pseudonymStart = -1;
  if (readOptional(bytes)) {
    size = readLength(bytes);
    out.pseudonymStart = at;
    out.pseudonymEnd = at += size;
  }
  if (bad || at !== limit) return 'malformed_avro';
  return idOk ? 'ok' : 'invalid_id';
}

function readMetadata(bytes: Uint8Array, out: RawEventView): void {
  out.itemStart = -1;
  if (readOptional(bytes)) {
    const size = readLength(bytes);
    out.itemStart = at;
    out.itemEnd = at += size;
  }
  out.amountUnits = readOptional(bytes) ? readDecimal(bytes) : -1;
  out.currency = 0;
  if (readOptional(bytes)) {
    const size = readLength(bytes);
    out.currency = size === 0 ? 0 : size === 3 && at + 3 <= limit ? currencyCode(bytes, at) : -1;
    at += size;
  }
  if (readOptional(bytes)) skipBytes(bytes);
  if (readOptional(bytes)) skipBytes(bytes);
}

function readLong(bytes: Uint8Array): number {
  let b = at < limit ? (bytes[at++] as number) : fail();
  if (b < 0x80) return (b >>> 1) ^ -(b & 1);
  let value = b & 0x7f;
  let factor = 128;
  for (let i = 1; b >= 0x80; i++) {
    if (i > 9) return fail();
    b = at < limit ? (bytes[at++] as number) : fail();
    value += (b & 0x7f) * factor;
    factor *= 128;
  }
  if (value > 2 ** 53) return fail();
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** A length that stays within the record; a bad one poisons the decode and reads as 0. */
function readLength(bytes: Uint8Array): number {
  const size = readLong(bytes);
  return size < 0 || at + size > limit ? fail() : size;
}

function skipBytes(bytes: Uint8Array): void {
  const size = readLength(bytes);
  at += size;
}

function readOptional(bytes: Uint8Array): boolean {
  if (at >= limit) {
    fail();
    return false;
  }
  const branch = bytes[at++];
  if (branch !== 0 && branch !== 2) fail();
  return branch === 2;
}

function readDecimal(bytes: Uint8Array): number {
  const size = readLength(bytes);
  if (size === 0 || size > 7) {
    at += size;
    return Number.NaN;
  }
  let value = (bytes[at] as number) >= 128 ? -1 : 0;
  for (let i = 0; i < size; i++) value = value * 256 + (bytes[at + i] as number);
  at += size;
  return Number.isSafeInteger(value) && value >= 0 ? value : Number.NaN;
}

function skipMap(bytes: Uint8Array): void {
  for (;;) {
    const count = readLong(bytes);
    if (count === 0 || bad) return;
    if (count < 0) {
      skipBytes(bytes);
      continue;
    }
    if (count > limit - at) {
      fail();
      return;
    }
    for (let i = 0; i < count && !bad; i++) {
      skipBytes(bytes);
      skipBytes(bytes);
    }
  }
}

function fail(): 0 {
  bad = true;
  return 0;
}

const HEX = new Int8Array(256).fill(-1);
for (let i = 0; i < 10; i++) HEX[48 + i] = i;
for (let i = 0; i < 6; i++) {
  HEX[97 + i] = 10 + i;
  HEX[65 + i] = 10 + i;
}

function hexWord(bytes: Uint8Array, p0: number, p1: number, p2: number, p3: number): number {
  const v =
    ((HEX[bytes[p0] as number] as number) << 28) |
    ((HEX[bytes[p0 + 1] as number] as number) << 24) |
    ((HEX[bytes[p1] as number] as number) << 20) |
    ((HEX[bytes[p1 + 1] as number] as number) << 16) |
    ((HEX[bytes[p2] as number] as number) << 12) |
    ((HEX[bytes[p2 + 1] as number] as number) << 8) |
    ((HEX[bytes[p3] as number] as number) << 4) |
    (HEX[bytes[p3 + 1] as number] as number);
  return v >>> 0;
}

function readUuid(bytes: Uint8Array, p: number, out: RawEventView): boolean {
  for (let i = 0; i < 36; i++) {
    const c = bytes[p + i] as number;
    if (i === 8 || i === 13 || i === 18 || i === 23) {
      if (c !== 45) return false;
    } else if ((HEX[c] as number) < 0) return false;
  }
  out.id0 = hexWord(bytes, p, p + 2, p + 4, p + 6);
  out.id1 = hexWord(bytes, p + 9, p + 11, p + 14, p + 16);
  out.id2 = hexWord(bytes, p + 19, p + 21, p + 24, p + 26);
  out.id3 = hexWord(bytes, p + 28, p + 30, p + 32, p + 34);
  return true;
}

/** Three ASCII letters as one number (case folded to upper), or -1. */
export function currencyCode(bytes: Uint8Array, p: number): number {
  let code = 0;
  for (let i = 0; i < 3; i++) {
    const c = (bytes[p + i] as number) & 0xdf;
    if (c < 65 || c > 90) return -1;
    code = code * 256 + c;
  }
  return code;
}

const OTHER = PLATFORMS.indexOf('other');

/** Index into PLATFORMS by the slice's text, ASCII case folded; anything else is `other`. */
export function platformIndex(bytes: Uint8Array, p: number, size: number): number {
  for (let i = 0; i < PLATFORMS.length; i++) {
    const name = PLATFORMS[i] as string;
    if (name.length !== size) continue;
    let same = true;
    for (let k = 0; k < size && same; k++) same = ((bytes[p + k] as number) | 0x20) === name.charCodeAt(k);
    if (same) return i;
  }
  return OTHER;
}

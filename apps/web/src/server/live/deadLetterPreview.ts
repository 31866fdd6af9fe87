import { isUtf8 } from 'node:buffer';
import { ACTIONS, type DeadLetter, decodeRawEvent, PLATFORMS, RawEventView } from '@ebap/pipeline/contracts';

/** Opens a sealed payload; null if its key is not here. */
export type DeadLetterOpener = (payload: string) => Uint8Array | null;

const MAX_PREVIEW_CHARACTERS = 8_000;
const MAX_HEX_BYTES = 512;
const MAX_DEPTH = 32;
const WIRE_HEADER_BYTES = 5;
const WITHHELD = '[withheld]';
const SENSITIVE: ReadonlySet<string> = new Set(['email', 'payment_hash', 'paymentHash']);

/** Size of the record and its text: JSON as sent, Avro by its fields, other bytes as hexadecimal. */
export function previewOf(
  letter: DeadLetter,
  open: DeadLetterOpener,
): { readonly sizeBytes: number; readonly preview: string | null } {
  const bytes = letter.sealed ? open(letter.payload) : Buffer.from(letter.payload, 'base64');
  if (bytes === null) return { sizeBytes: Math.floor((letter.payload.length * 3) / 4), preview: null };
  const text = avroText(bytes) ?? plainText(bytes) ?? hexText(bytes);
  return { sizeBytes: bytes.length, preview: text.slice(0, MAX_PREVIEW_CHARACTERS) };
}

/** A raw event by its fields; null if the bytes are none. */
function avroText(bytes: Uint8Array): string | null {
  if (bytes[0] !== 0 || bytes.length <= WIRE_HEADER_BYTES) return null;
  const view = new RawEventView();
  const outcome = decodeRawEvent(bytes, WIRE_HEADER_BYTES, bytes.length, view);
  if (outcome === 'malformed_avro') return null;
  const slice = (start: number, end: number) =>
    start < 0 ? null : Buffer.from(bytes.subarray(start, end)).toString('utf8');
  const word = (value: number) => value.toString(16).padStart(8, '0');
  return JSON.stringify(
    {
      workspace_id: slice(view.workspaceStart, view.workspaceEnd),
      ...(outcome === 'ok' && { id: [view.id0, view.id1, view.id2, view.id3].map(word).join('') }),
      action: ACTIONS[view.action] ?? null,
      timestamp: Number.isFinite(view.timestampMs) ? isoText(view.timestampMs) : null,
      location: slice(view.locationStart, view.locationEnd),
      platform: PLATFORMS[view.platform] ?? null,
      item_id: slice(view.itemStart, view.itemEnd),
      amount_1e4: view.amountUnits < 0 ? null : view.amountUnits,
      pseudonym: slice(view.pseudonymStart, view.pseudonymEnd),
    },
    null,
    2,
  );
}

function isoText(timeMs: number): string | number {
  const date = new Date(timeMs);
  return Number.isNaN(date.getTime()) ? timeMs : date.toISOString();
}

/** JSON without sensitive values, or text that is no JSON with what looks like one blotted out. */
function plainText(bytes: Uint8Array): string | null {
  if (!isUtf8(bytes)) return null;
  const text = Buffer.from(bytes).toString('utf8');
  try {
    return JSON.stringify(withhold(JSON.parse(text), 0), null, 2);
  } catch {
    return text.replaceAll(/("(?:email|payment_?hash)"\s*:\s*)"(?:[^"\\]|\\.){0,1000}"?/gi, `$1"${WITHHELD}"`);
  }
}

function withhold(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return value;
  if (Array.isArray(value)) return value.map((one) => withhold(one, depth + 1));
  const entries = Object.entries(value).map(([name, one]) => [
    name,
    SENSITIVE.has(name) ? WITHHELD : withhold(one, depth + 1),
  ]);
  return Object.fromEntries(entries);
}

function hexText(bytes: Uint8Array): string {
  const shown = Buffer.from(bytes.subarray(0, MAX_HEX_BYTES)).toString('hex');
  return shown.replaceAll(/(.{2})(?=.)/g, '$1 ') + (bytes.length > MAX_HEX_BYTES ? ' …' : '');
}

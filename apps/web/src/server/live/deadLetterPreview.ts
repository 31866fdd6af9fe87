import { isUtf8 } from 'node:buffer';
import { ACTIONS, type DeadLetter, decodeRawEvent, PLATFORMS, RawEventView } from '@ebap/pipeline/contracts';
import { maskRecord, outline, type PreviewRights, withholdInText } from './deadLetterMask.ts';

/** Opens a sealed payload; null if its key is not here. */
export type DeadLetterOpener = (payload: string) => Uint8Array | null;

const MAX_PREVIEW_CHARACTERS = 8_000;
const MAX_HEX_BYTES = 512;
const WIRE_HEADER_BYTES = 5;

/**
 * Size of the record and its text, as much as the reader may see of it: JSON as sent, Avro by its fields, other bytes
 * as hexadecimal.
 */
export function previewOf(
  letter: DeadLetter,
  open: DeadLetterOpener,
  rights: PreviewRights,
): { readonly sizeBytes: number; readonly preview: string | null; readonly isMasked: boolean } {
  const isMasked = !rights.personalIds;
  const bytes = letter.sealed ? open(letter.payload) : Buffer.from(letter.payload, 'base64');
  if (bytes === null) return { sizeBytes: Math.floor((letter.payload.length * 3) / 4), preview: null, isMasked };
  const text = avroText(bytes, rights) ?? plainText(bytes, rights) ?? hexText(bytes, rights);
  return { sizeBytes: bytes.length, preview: text.slice(0, MAX_PREVIEW_CHARACTERS), isMasked };
}

/** A raw event by its fields; null if the bytes are none. */
function avroText(bytes: Uint8Array, rights: PreviewRights): string | null {
  if (bytes[0] !== 0 || bytes.length <= WIRE_HEADER_BYTES) return null;
  const view = new RawEventView();
  const outcome = decodeRawEvent(bytes, WIRE_HEADER_BYTES, bytes.length, view);
  if (outcome === 'malformed_avro') return null;
  const slice = (start: number, end: number) =>
    start < 0 ? null : Buffer.from(bytes.subarray(start, end)).toString('utf8');
  const word = (value: number) => value.toString(16).padStart(8, '0');
  const fields = {
    workspace_id: slice(view.workspaceStart, view.workspaceEnd),
    ...(outcome === 'ok' && { id: [view.id0, view.id1, view.id2, view.id3].map(word).join('') }),
    user_id: slice(view.userStart, view.userEnd),
    action: ACTIONS[view.action] ?? null,
    timestamp: Number.isFinite(view.timestampMs) ? isoText(view.timestampMs) : null,
    location: slice(view.locationStart, view.locationEnd),
    platform: PLATFORMS[view.platform] ?? null,
    item_id: slice(view.itemStart, view.itemEnd),
    amount_1e4: view.amountUnits < 0 ? null : view.amountUnits,
    pseudonym: slice(view.pseudonymStart, view.pseudonymEnd),
  };
  return JSON.stringify(maskRecord(fields, rights), null, 2);
}

function isoText(timeMs: number): string | number {
  const date = new Date(timeMs);
  return Number.isNaN(date.getTime()) ? timeMs : date.toISOString();
}

/** JSON by its fields, or text that is no JSON by what of it may be shown. */
function plainText(bytes: Uint8Array, rights: PreviewRights): string | null {
  if (!isUtf8(bytes)) return null;
  const text = Buffer.from(bytes).toString('utf8');
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    return rights.personalIds ? withholdInText(text) : outline(text);
  }
  return JSON.stringify(maskRecord(record, rights), null, 2);
}

/** Without the right to personal ids no more than the header: what these bytes hold is not known. */
function hexText(bytes: Uint8Array, { personalIds }: PreviewRights): string {
  const shownBytes = personalIds ? MAX_HEX_BYTES : WIRE_HEADER_BYTES;
  const shown = Buffer.from(bytes.subarray(0, shownBytes)).toString('hex');
  return shown.replaceAll(/(.{2})(?=.)/g, '$1 ') + (bytes.length > shownBytes ? ' …' : '');
}

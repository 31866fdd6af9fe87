import { AvroWriter } from './avroWriter.ts';
import { ACTIONS } from './dimensions.ts';
import type { RawEvent } from './rawEvent.ts';

const writer = new AvroWriter();

/** The event in Confluent wire format: 0x00, 4-byte schema id, Avro body after {@link RAW_EVENT_SCHEMA}. */
export function encodeRawEvent(event: RawEvent, schemaId: number): Uint8Array {
  const w = writer;
  w.reset();
  w.byte(0);
  w.uint32(schemaId);
  w.string(event.workspaceId);
  w.string(event.id);
  w.string(event.userId);
  w.long(ACTIONS.indexOf(event.action));
  w.long(event.timestampMs);
  w.string(event.location);
  w.string(event.platform);
  optional(event.itemId, (v) => w.string(v));
  optional(event.amountUnits, (v) => w.decimal(v));
  optional(event.currency, (v) => w.string(v));
  optional(event.emailSealed, (v) => w.bytes(v));
  optional(event.paymentHashSealed, (v) => w.bytes(v));
  writeMap(event.extra);
  optional(event.pseudonym, (v) => w.string(v));
  return w.take();
}

function optional<T>(value: T | null, write: (value: T) => void): void {
  if (value === null) {
    writer.byte(0);
    return;
  }
  writer.byte(2);
  write(value);
}

function writeMap(map: Readonly<Record<string, string>>): void {
  const keys = Object.keys(map);
  if (keys.length > 0) {
    writer.long(keys.length);
    for (const key of keys) {
      writer.string(key);
      writer.string(map[key] ?? '');
    }
  }
  writer.byte(0);
}

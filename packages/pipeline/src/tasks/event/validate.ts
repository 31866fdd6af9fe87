import type { DeadLetterReason } from '../../contracts/deadLetter.ts';
import { murmur2 } from '../../contracts/partitioner.ts';
import { MAX_AMOUNT_UNITS, MAX_EVENT_BYTES, MAX_ID_BYTES } from '../../contracts/rawEvent.ts';
import { type DecodeOutcome, decodeRawEvent, type RawEventView } from '../../contracts/rawEventDecode.ts';
import type { LogBatch } from '../../ports/logBatch.ts';
import { MAX_FUTURE_MS } from '../../time/constants.ts';
import { type SchemaVersions, WIRE_HEADER_BYTES, wireSchemaId } from './schemaVersions.ts';

/** 2000-01-01: nothing this platform counts happened before it. */
const OLDEST_TIMESTAMP_MS = 946_684_800_000;

/** What checking a record found beside the event itself. */
export interface RecordFacts {
  /** From the wire header, or -1. */
  schemaId: number;
  /** Kafka's hash of the key. */
  keyHash: number;
}

/**
 * Decodes record `i` into `view` and checks everything that needs no state. Returns null if it is sound. The
 * order of the checks is part of the contract: the first reason found is the one that is told.
 */
export function validateRecord(
  batch: LogBatch,
  i: number,
  partition: number,
  partitions: number,
  schemas: SchemaVersions,
  view: RawEventView,
  facts: RecordFacts,
): DeadLetterReason | null {
  const { bytes } = batch;
  const start = batch.valueStarts[i] as number;
  const end = batch.valueEnds[i] as number;
  facts.schemaId = -1;
  if (start < 0) return 'invalid_record';
  if (end - start > MAX_EVENT_BYTES) return 'too_large';
  facts.schemaId = wireSchemaId(bytes, start, end);
  const decoded = decodeVersion(schemas, facts.schemaId, bytes, start + WIRE_HEADER_BYTES, end, view);
  if (decoded !== 'ok') return decoded;
  const userBytes = view.userEnd - view.userStart;
  if (userBytes === 0 || userBytes > MAX_ID_BYTES) return 'missing_user';
  const keyStart = batch.keyStarts[i] as number;
  const keyEnd = batch.keyEnds[i] as number;
  if (keyStart < 0 || !keyMatches(bytes, keyStart, keyEnd, view)) return 'wrong_key';
  facts.keyHash = murmur2(bytes, keyStart, keyEnd);
  if ((facts.keyHash & 0x7fffffff) % partitions !== partition) return 'wrong_partition';
  if (view.action < 0) return 'unknown_action';
  if (view.timestampMs < OLDEST_TIMESTAMP_MS) return 'invalid_timestamp';
  if (view.timestampMs > (batch.appendTimesMs[i] as number) + MAX_FUTURE_MS) return 'timestamp_in_future';
  // NaN fails the comparison too.
  if (!(view.amountUnits <= MAX_AMOUNT_UNITS)) return 'invalid_amount';
  return null;
}

function decodeVersion(
  schemas: SchemaVersions,
  schemaId: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  view: RawEventView,
): DecodeOutcome | 'unknown_schema' {
  const reader = schemaId < 0 ? null : schemas.reader(schemaId);
  if (reader === null) return 'unknown_schema';
  if (reader === 'as-is') return decodeRawEvent(bytes, start, end, view);
  const rewritten = reader(bytes, start, end);
  return rewritten === null ? 'malformed_avro' : decodeRawEvent(rewritten, 0, rewritten.length, view);
}

/** The key is `<workspace>:<user>` of the event itself. */
function keyMatches(bytes: Uint8Array, start: number, end: number, view: RawEventView): boolean {
  const workspaceBytes = view.workspaceEnd - view.workspaceStart;
  const userBytes = view.userEnd - view.userStart;
  const event = view.bytes;
  if (end - start !== workspaceBytes + 1 + userBytes) return false;
  for (let k = 0; k < workspaceBytes; k++) if (bytes[start + k] !== event[view.workspaceStart + k]) return false;
  if (bytes[start + workspaceBytes] !== 58) return false;
  const userAt = start + workspaceBytes + 1;
  for (let k = 0; k < userBytes; k++) if (bytes[userAt + k] !== event[view.userStart + k]) return false;
  return true;
}

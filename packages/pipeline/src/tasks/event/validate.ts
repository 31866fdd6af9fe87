import type { DeadLetterReason } from '../../contracts/deadLetter.ts';
import { murmur2 } from '../../contracts/partitioner.ts';
import { MAX_AMOUNT_UNITS, MAX_EVENT_BYTES, MAX_ID_BYTES } from '../../contracts/rawEvent.ts';
import { decodeRawEvent, type RawEventView } from '../../contracts/rawEventDecode.ts';
import type { LogBatch } from '../../ports/logBatch.ts';
import { MAX_FUTURE_MS } from '../../time/constants.ts';

/** 2000-01-01: nothing this platform counts happened before it. */
const OLDEST_TIMESTAMP_MS = 946_684_800_000;

/** Whether a schema id of the wire header is a version of the raw event that this build can read. */
export type SchemaCheck = (schemaId: number) => boolean;

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
  knowsSchema: SchemaCheck,
  view: RawEventView,
  facts: RecordFacts,
): DeadLetterReason | null {
  const { bytes } = batch;
  const start = batch.valueStarts[i] as number;
  const end = batch.valueEnds[i] as number;
  facts.schemaId = -1;
  if (start < 0) return 'invalid_record';
  if (end - start > MAX_EVENT_BYTES) return 'too_large';
  if (end - start < 5 || bytes[start] !== 0) return 'unknown_schema';
  facts.schemaId =
    (((bytes[start + 1] as number) << 24) |
      ((bytes[start + 2] as number) << 16) |
      ((bytes[start + 3] as number) << 8) |
      (bytes[start + 4] as number)) >>>
    0;
  if (!knowsSchema(facts.schemaId)) return 'unknown_schema';
  const decoded = decodeRawEvent(bytes, start + 5, end, view);
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

/** The key is `<workspace>:<user>` of the event itself. */
function keyMatches(bytes: Uint8Array, start: number, end: number, view: RawEventView): boolean {
  const workspaceBytes = view.workspaceEnd - view.workspaceStart;
  const userBytes = view.userEnd - view.userStart;
  if (end - start !== workspaceBytes + 1 + userBytes) return false;
  for (let k = 0; k < workspaceBytes; k++) if (bytes[start + k] !== bytes[view.workspaceStart + k]) return false;
  if (bytes[start + workspaceBytes] !== 58) return false;
  const userAt = start + workspaceBytes + 1;
  for (let k = 0; k < userBytes; k++) if (bytes[userAt + k] !== bytes[view.userStart + k]) return false;
  return true;
}

import type { DeadLetterReason } from '../../contracts/deadLetter.ts';
import { MAX_EVENT_BYTES } from '../../contracts/rawEvent.ts';
import type { LogBatch } from '../../ports/logBatch.ts';

/** A record that can't be counted, with what is known of it. */
export interface RejectedRecord {
  readonly workspace: string;
  readonly reason: DeadLetterReason;
  readonly offset: number;
  readonly appendMs: number;
  readonly schemaId: number | null;
  /** A copy of the record's value, empty if there was none. */
  readonly payload: Uint8Array;
}

/** Reasons found after the record's key proved its workspace; the others are nobody's. */
const TRUSTED_WORKSPACE: ReadonlySet<DeadLetterReason> = new Set([
  'wrong_partition',
  'unknown_action',
  'invalid_timestamp',
  'timestamp_in_future',
  'invalid_amount',
]);

/** Whether the workspace that a record names may be believed when it was refused for this reason. */
export function provesWorkspace(reason: DeadLetterReason): boolean {
  return TRUSTED_WORKSPACE.has(reason);
}

/** The record at `i` as it is kept; `schemaId` is null where none was read. */
export function rejectedRecord(
  batch: LogBatch,
  i: number,
  reason: DeadLetterReason,
  workspace: string,
  schemaId: number | null,
): RejectedRecord {
  const start = batch.valueStarts[i] as number;
  return {
    workspace,
    reason,
    offset: batch.offsets[i] as number,
    appendMs: batch.appendTimesMs[i] as number,
    schemaId,
    payload: start < 0 ? new Uint8Array(0) : payloadOf(batch.bytes, start, batch.valueEnds[i] as number),
  };
}

/** A copy of the value's first bytes: a letter holds no more than a sound event could. */
function payloadOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return Uint8Array.from(bytes.subarray(start, Math.min(end, start + MAX_EVENT_BYTES)));
}

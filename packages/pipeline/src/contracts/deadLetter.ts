/** Why a record can't be counted. Closed: the order is stable, new reasons go to the end. */
export const DEAD_LETTER_REASONS = [
  'malformed_avro',
  'unknown_schema',
  'unknown_workspace',
  'wrong_key',
  'wrong_partition',
  'invalid_id',
  'missing_user',
  'unknown_action',
  'timestamp_in_future',
  'invalid_timestamp',
  'invalid_amount',
  'unknown_currency',
  'id_reused',
  'invalid_record',
  'too_large',
] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/** What happened, for a person; the UI shows it beside the reason. */
export const DEAD_LETTER_MESSAGES: Readonly<Record<DeadLetterReason, string>> = {
  malformed_avro: 'The bytes are not a complete Avro record of the schema they name.',
  unknown_schema: 'The bytes name no schema that the registry knows for this topic.',
  unknown_workspace: 'The workspace does not exist.',
  wrong_key: 'The record key is not <workspace>:<user> of the record.',
  wrong_partition: "The record is not in its key's partition (another partitioner?). Re-keying repairs it.",
  invalid_id: 'The id is not a UUID.',
  missing_user: 'The user id is empty or too long.',
  unknown_action: 'The action is not one of view, cart, purchase, login.',
  timestamp_in_future: 'The timestamp is more than 5 minutes ahead of its arrival.',
  invalid_timestamp: 'The timestamp is missing or out of range.',
  invalid_amount: 'The amount is not a number from 0 to 100 million.',
  unknown_currency: 'No rate is known for the currency at that time.',
  id_reused: 'The id was used by another event (another timestamp).',
  invalid_record: 'The record is not an object of the documented shape.',
  too_large: 'The record is larger than 32 KiB.',
};

/**
 * A record of `ebap.dlq`. Its identity is the source position (or the edge's id): a replay writes the same letter again, readers
 * keep one.
 */
export interface DeadLetter {
  readonly v: 1;
  readonly workspace: string;
  readonly reason: DeadLetterReason;
  readonly message: string;
  /** Where it stood on the log; null when the edge refused it. */
  readonly source: { readonly topic: string; readonly partition: number; readonly offset: number } | null;
  /** Chosen by the edge for refused records; else `<topic>/<partition>/<offset>`. */
  readonly id: string;
  readonly schemaId: number | null;
  /** Append time of the record (or arrival at the edge), ms. */
  readonly firstSeenMs: number;
  /** Original bytes, base64, sealed by the edge's or worker's dead-letter key when one is configured. */
  readonly payload: string;
  readonly sealed: boolean;
  /** Refused records of this reason that the edge's rate cap left out and this letter stands for too; omitted = 0. */
  readonly omitted?: number;
}

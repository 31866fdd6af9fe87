import type { Action, Platform } from './dimensions.ts';

/** An accepted event as the edge writes it to `ebap.events.raw`. Identity: (workspaceId, id, timestampMs). */
export interface RawEvent {
  readonly workspaceId: string;
  /** UUID, lower case with hyphens. */
  readonly id: string;
  readonly userId: string;
  readonly action: Action;
  readonly timestampMs: number;
  /** `lat,lng`, a region's name or code, or empty. */
  readonly location: string;
  readonly platform: Platform;
  readonly itemId: string | null;
  /** 1e-4 units of `currency`; integer, 0 … {@link MAX_AMOUNT_UNITS}. */
  readonly amountUnits: number | null;
  /** ISO 4217. */
  readonly currency: string | null;
  /** Enciphered under the subject's data key; never in the clear on the log. */
  readonly emailSealed: Uint8Array | null;
  readonly paymentHashSealed: Uint8Array | null;
  readonly extra: Readonly<Record<string, string>>;
  /** Stable per person and workspace; stands for the user id wherever people look. */
  readonly pseudonym: string | null;
}

/** Largest amount of one event: 100 million currency units. */
export const MAX_AMOUNT_UNITS = 1e12;

/** Most bytes of one encoded event. */
export const MAX_EVENT_BYTES = 32_768;
export const MAX_ID_BYTES = 128;

/** Avro schema of the value of `ebap.events.raw`, subject `ebap.events.raw-value`. */
export const RAW_EVENT_SCHEMA = {
  type: 'record',
  name: 'RawEvent',
  namespace: 'ebap.events',
  fields: [
    { name: 'workspace_id', type: 'string' },
    { name: 'id', type: { type: 'string', logicalType: 'uuid' } },
    { name: 'user_id', type: 'string' },
    { name: 'action', type: { type: 'enum', name: 'Action', symbols: ['view', 'cart', 'purchase', 'login'] } },
    { name: 'timestamp', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'location', type: 'string', default: '' },
    {
      name: 'metadata',
      type: {
        type: 'record',
        name: 'Metadata',
        fields: [
          { name: 'platform', type: 'string', default: '' },
          { name: 'item_id', type: ['null', 'string'], default: null },
          {
            name: 'amount',
            type: ['null', { type: 'bytes', logicalType: 'decimal', precision: 18, scale: 4 }],
            default: null,
          },
          { name: 'currency', type: ['null', 'string'], default: null },
          { name: 'email', type: ['null', 'bytes'], default: null },
          { name: 'payment_hash', type: ['null', 'bytes'], default: null },
          { name: 'extra', type: { type: 'map', values: 'string' }, default: {} },
        ],
      },
    },
    { name: 'pseudonym', type: ['null', 'string'], default: null },
  ],
} as const;

/** Key of the record on the log: `<workspace>:<user>` as UTF-8, the same as the CDC key of the person's profile. */
export function eventKey(workspaceId: string, userId: string): string {
  return `${workspaceId}:${userId}`;
}

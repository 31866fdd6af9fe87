import type { RandomStream } from './random.ts';
import type { EventRecord } from './records.ts';

/** How often clients and devices go wrong. */
export interface FaultRates {
  /** Events whose record is sent once more by a client that missed the answer. */
  readonly duplicate: number;
  /** Broken records that come on top, per event. */
  readonly malformed: number;
  /** Sessions on phones that lose the network on the way. */
  readonly offline: number;
}

export const USUAL_FAULTS: FaultRates = { duplicate: 0.005, malformed: 0.002, offline: 0.03 };

export const LONGEST_OFFLINE_MS = 6 * 3_600_000;

/** How long a phone stays without network: minutes as a rule, at times hours. */
export function offlineMs(stream: RandomStream): number {
  return Math.round(Math.min(LONGEST_OFFLINE_MS, stream.logNormal(240_000, 1.5)));
}

/** How long a client waits before it sends the same record again. */
export function resendMs(stream: RandomStream): number {
  return 500 + Math.round(stream.logNormal(2_000, 1));
}

/** What broken integrations send. Each is refused, by the edge or by the stream. */
export const MALFORMATIONS = [
  'unknown_action',
  'missing_id',
  'id_not_uuid',
  'missing_user',
  'user_not_text',
  'timestamp_not_time',
  'timestamp_in_future',
  'timestamp_ancient',
  'amount_negative',
  'amount_not_number',
  'metadata_not_object',
] as const;
export type Malformation = (typeof MALFORMATIONS)[number];

const HOUR_MS = 3_600_000;

/** A broken record made after a sound one, under an id of its own. */
export function malformed(record: EventRecord, id: string, kind: Malformation, timeMs: number): unknown {
  const sound = { ...record, id };
  const { id: _id, ...withoutId } = sound;
  const { user_id: _user, ...withoutUser } = sound;
  const amount = (value: unknown): unknown => ({
    ...sound,
    action: 'purchase',
    metadata: { ...record.metadata, amount: value, currency: 'EUR' },
  });
  switch (kind) {
    case 'unknown_action':
      return { ...sound, action: 'wishlist' };
    case 'missing_id':
      return withoutId;
    case 'id_not_uuid':
      return { ...sound, id: `evt-${timeMs}` };
    case 'missing_user':
      return withoutUser;
    case 'user_not_text':
      return { ...sound, user_id: { id: record.user_id } };
    case 'timestamp_not_time':
      return { ...sound, timestamp: 'yesterday' };
    case 'timestamp_in_future':
      return { ...sound, timestamp: new Date(timeMs + 2 * HOUR_MS).toISOString() };
    case 'timestamp_ancient':
      return { ...sound, timestamp: '1970-01-01T00:00:00.000Z' };
    case 'amount_negative':
      return amount(-19.9);
    case 'amount_not_number':
      return amount('12,90 EUR');
    case 'metadata_not_object':
      return { ...sound, metadata: ['platform', 'web'] };
  }
}

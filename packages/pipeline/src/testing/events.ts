import { encodeRawEvent, eventKey, partitionFor, type RawEvent } from '../contracts/index.ts';
import { type BatchRecord, type LogBatch, packBatch, TICK_HEADER } from '../ports/index.ts';

const utf8 = new TextEncoder();

/** Schema id under which test events are written. */
export const SCHEMA_ID = 7;

/** 2026-11-21T10:00:00Z: an hour's, a minute's and a pane's start. */
export const T0 = 1_795_255_200_000;
export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

/** A UUID that ends in the number. */
export function uuid(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
}

/** A sound event of `meridian`; `over` says what is different. */
export function rawEvent(over: Partial<RawEvent> = {}): RawEvent {
  return {
    workspaceId: 'meridian',
    id: uuid(1),
    userId: 'ada',
    action: 'view',
    timestampMs: T0,
    location: 'eu-west-1',
    platform: 'web',
    itemId: null,
    amountUnits: null,
    currency: null,
    emailSealed: null,
    paymentHashSealed: null,
    extra: {},
    pseudonym: null,
    ...over,
  };
}

/** A record as the log holds it, before it has an offset. */
export interface Placed {
  readonly appendTimeMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers?: BatchRecord['headers'];
}

/** The event as a record of `ebap.events.raw`. */
export function eventRecord(event: RawEvent, appendTimeMs: number): Placed {
  return {
    appendTimeMs,
    key: utf8.encode(eventKey(event.workspaceId, event.userId)),
    value: encodeRawEvent(event, SCHEMA_ID),
  };
}

export function tick(appendTimeMs: number): Placed {
  return { appendTimeMs, key: null, value: null, headers: { [TICK_HEADER]: new Uint8Array([1]) } };
}

/** A row change in Debezium's envelope. */
export function change(
  table: string,
  row: Readonly<Record<string, unknown>>,
  options: { readonly appendTimeMs: number; readonly op?: string; readonly commitMs?: number; readonly key?: string },
): Placed {
  const { op = 'c', appendTimeMs, commitMs = appendTimeMs, key = `${table}:x` } = options;
  const image = op === 'd' ? { before: row, after: null } : { before: null, after: row };
  const value = utf8.encode(JSON.stringify({ ...image, op, source: { table, ts_ms: commitMs } }));
  return { appendTimeMs, key: utf8.encode(key), value };
}

/** The change of a person's tier, keyed like that person's events. */
export function tierChange(
  userId: string,
  tier: string,
  options: {
    readonly appendTimeMs: number;
    readonly commitMs?: number;
    readonly op?: string;
    readonly workspace?: string;
  },
): Placed {
  const workspace = options.workspace ?? 'meridian';
  const row = { workspace_id: workspace, user_id: userId, tier };
  return change('users', row, { ...options, key: eventKey(workspace, userId) });
}

/** Workspaces, regions and rates of the examples: `meridian` in EUR, `acme` in USD, Ireland and Virginia. */
export function referenceRecords(appendTimeMs: number): readonly Placed[] {
  const at = { appendTimeMs };
  return [
    change('workspaces', { id: 'meridian', currency: 'EUR' }, at),
    change('workspaces', { id: 'acme', currency: 'USD' }, at),
    change('regions', { code: 'eu-west-1', name: 'Ireland', lat: 53.3, lng: -6.3 }, at),
    change('regions', { code: 'us-east-1', name: 'Virginia', lat: 38.9, lng: -77.5 }, at),
    change('rates', { currency: 'EUR', rate: '1.0000000000', valid_from: 0 }, at),
    change('rates', { currency: 'USD', rate: '0.9000000000', valid_from: 0 }, at),
  ];
}

/** Packs records into one batch that begins at `firstOffset`. */
export function batchOf(records: readonly Placed[], firstOffset = 0, topic = 'ebap.events.raw'): LogBatch {
  const nextOffset = firstOffset + records.length;
  const last = records[records.length - 1];
  return packBatch(
    { topic, partition: 0, nextOffset, endOffset: nextOffset, readThroughMs: (last?.appendTimeMs ?? 0) - 1 },
    records.map((r, i) => ({ ...r, offset: firstOffset + i })),
  );
}

/** Partition of a person's events. */
export function partitionOf(userId: string, partitions: number, workspace = 'meridian'): number {
  return partitionFor(utf8.encode(eventKey(workspace, userId)), partitions);
}

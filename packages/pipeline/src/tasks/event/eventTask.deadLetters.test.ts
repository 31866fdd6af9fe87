import { describe, expect, test } from 'vitest';
import { encodeRawEvent, MAX_AMOUNT_UNITS, MAX_EVENT_BYTES, type RawEvent } from '../../contracts/index.ts';
import { ledger, outcomesOf, REFERENCE, run, sound } from '../../testing/eventOutcomes.ts';
import { cells, EventRun, merged } from '../../testing/eventRun.ts';
import {
  batchOf,
  MINUTE,
  type Placed,
  partitionOf,
  rawEvent,
  SCHEMA_ID,
  SECOND,
  T0,
  tick,
} from '../../testing/events.ts';

const utf8 = new TextEncoder();

describe('a record that can’t be counted is a dead letter:', () => {
  const good = sound();
  const wire = encodeRawEvent(rawEvent(), SCHEMA_ID);
  const withValue = (value: Uint8Array | null): Placed => ({ ...good, value });
  const patched = (at: number, byte: number): Placed => {
    const value = wire.slice();
    value[at] = byte;
    return withValue(value);
  };
  // Where the action's enum stands in the example: after header, workspace, id and user.
  const actionAt = 5 + 1 + 'meridian'.length + 1 + 36 + 1 + 'ada'.length;

  test.each<[string, string, string, number | null, Placed]>([
    ['no value', 'invalid_record', '_system', null, withValue(null)],
    ['a value over 32 KiB', 'too_large', '_system', null, sound({ extra: { note: 'x'.repeat(33_000) } })],
    ['a value shorter than its header', 'unknown_schema', '_system', null, withValue(wire.slice(0, 4))],
    ['another magic byte', 'unknown_schema', '_system', null, patched(0, 1)],
    ['a schema nobody knows', 'unknown_schema', '_system', 99, patched(4, 99)],
    ['a schema id of 32 bits', 'unknown_schema', '_system', 0xff000007, patched(1, 0xff)],
    ['bytes that end early', 'malformed_avro', '_system', SCHEMA_ID, withValue(wire.slice(0, -1))],
    ['bytes left over', 'malformed_avro', '_system', SCHEMA_ID, withValue(Uint8Array.from([...wire, 0]))],
    ['an id that is no UUID', 'invalid_id', '_system', SCHEMA_ID, sound({ id: 'order-17' })],
    ['no user', 'missing_user', '_system', SCHEMA_ID, sound({ userId: '' })],
    ['a user of 129 bytes', 'missing_user', '_system', SCHEMA_ID, sound({ userId: 'u'.repeat(129) })],
    ['no key', 'wrong_key', '_system', SCHEMA_ID, { ...good, key: null }],
    ['another user’s key', 'wrong_key', '_system', SCHEMA_ID, { ...good, key: utf8.encode('meridian:bob') }],
    ['another workspace’s key', 'wrong_key', '_system', SCHEMA_ID, { ...good, key: utf8.encode('meridiaN:ada') }],
    ['a key without colon', 'wrong_key', '_system', SCHEMA_ID, { ...good, key: utf8.encode('meridian.ada') }],
    ['an action nobody knows', 'unknown_action', 'meridian', SCHEMA_ID, patched(actionAt, 20)],
    ['a time before 2000', 'invalid_timestamp', 'meridian', SCHEMA_ID, sound({ timestampMs: 946_684_799_999 })],
    [
      'a time more than 5 minutes ahead',
      'timestamp_in_future',
      'meridian',
      SCHEMA_ID,
      sound({ timestampMs: T0 + 5 * MINUTE + 1 }),
    ],
    [
      'an amount over 100 million',
      'invalid_amount',
      'meridian',
      SCHEMA_ID,
      sound({ amountUnits: MAX_AMOUNT_UNITS + 1 }),
    ],
    ['an amount below nothing', 'invalid_amount', 'meridian', SCHEMA_ID, sound({ amountUnits: -1 })],
    ['a workspace nobody knows', 'unknown_workspace', '_system', SCHEMA_ID, sound({ workspaceId: 'nobody' })],
    [
      'a wrong time in a workspace nobody knows',
      'invalid_timestamp',
      '_system',
      SCHEMA_ID,
      sound({ workspaceId: 'nobody', timestampMs: 0 }),
    ],
    [
      'a currency without rate',
      'unknown_currency',
      'meridian',
      SCHEMA_ID,
      sound({ action: 'purchase', amountUnits: 1, currency: 'JPY' }),
    ],
    [
      'a currency that is none',
      'unknown_currency',
      'meridian',
      SCHEMA_ID,
      sound({ action: 'purchase', amountUnits: 1, currency: 'euro' }),
    ],
  ])('%s → %s', (_, reason, workspace, schemaId, record) => {
    const { outputs } = run(merged('events', record));
    const letters = outputs.flatMap((o) => o.deadLetters);
    expect(letters).toEqual([
      {
        workspace,
        reason,
        offset: 0,
        appendMs: T0,
        schemaId,
        payload: (record.value ?? new Uint8Array(0)).slice(0, MAX_EVENT_BYTES),
      },
    ]);
    expect(cells(outputs).get(`${workspace} ledger ${T0} dead:${reason}`)).toEqual([1]);
    expect([...cells(outputs).keys()]).toHaveLength(1);
  });

  test('a key in another partition → wrong_partition, owned by its workspace', () => {
    const partitions = 4;
    const wrong = (partitionOf('ada', partitions) + 1) % partitions;
    const runs = new EventRun({ partitions, partition: wrong }).take([
      ...REFERENCE,
      ...merged('events', good, tick(T0 + SECOND)),
    ]);
    expect(runs.outputs.flatMap((o) => o.deadLetters)).toMatchObject([
      { workspace: 'meridian', reason: 'wrong_partition' },
    ]);
    const right = new EventRun({ partitions, partition: partitionOf('ada', partitions) });
    right.take([...REFERENCE, ...merged('events', good, tick(T0 + SECOND))]);
    expect(ledger(right)).toEqual({ counted: 1 });
  });

  test('it keeps its own bytes when the batch’s are used again', () => {
    const runs = new EventRun();
    const batch = batchOf([{ ...good, key: null }, tick(T0 + SECOND)]);
    const sent = batch.bytes.slice();
    runs.task.step(2, batch, 0, 1);
    batch.bytes.fill(0);
    const { outputs } = runs.task.step(2, batch, 1, 2);
    expect(outputs?.deadLetters[0]?.payload).toEqual(sent);
  });

  test('it moves no watermark', () => {
    const runs = new EventRun().take([...REFERENCE, ...merged('events', { ...good, key: null })]);
    expect(runs.task.watermarkMs).toBeNull();
  });
});

describe('the last sound values are counted:', () => {
  test.each<[string, Partial<RawEvent>]>([
    ['a user of 128 bytes', { userId: 'ä'.repeat(64) }],
    ['the first millisecond of 2000', { timestampMs: 946_684_800_000 }],
    ['a time 5 minutes ahead', { timestampMs: T0 + 5 * MINUTE }],
    ['100 million', { action: 'purchase', amountUnits: MAX_AMOUNT_UNITS }],
    ['a purchase without amount', { action: 'purchase' }],
    ['a currency nobody knows on what sells nothing', { action: 'view', amountUnits: 5, currency: 'XXX' }],
  ])('%s', (_, over) => {
    expect(outcomesOf(sound(over))).toEqual({ counted: 1 });
  });
});

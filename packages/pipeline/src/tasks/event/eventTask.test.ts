import { describe, expect, test } from 'vitest';
import { encodeRawEvent, MAX_AMOUNT_UNITS, MAX_EVENT_BYTES, type RawEvent } from '../../contracts/index.ts';
import { cells, EventRun, type Merged, merged } from '../../testing/eventRun.ts';
import {
  batchOf,
  change,
  eventRecord,
  HOUR,
  MINUTE,
  type Placed,
  partitionOf,
  rawEvent,
  referenceRecords,
  SCHEMA_ID,
  SECOND,
  T0,
  tick,
  tierChange,
  uuid,
} from '../../testing/events.ts';

const utf8 = new TextEncoder();
const REFERENCE = merged('reference', ...referenceRecords(T0 - HOUR));
const sound = (over: Partial<RawEvent> = {}, appendTimeMs = T0): Placed => eventRecord(rawEvent(over), appendTimeMs);

/** Runs the records after the references and ends their last cut with a tick. */
function run(records: readonly Merged[], endMs = T0 + MINUTE): EventRun {
  return new EventRun().take([...REFERENCE, ...records, ...merged('events', tick(endMs))]);
}

/** The ledger's counts by outcome over all minutes, of one workspace. */
function ledger(runs: EventRun, workspace = 'meridian'): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [key, [count = 0]] of cells(runs.outputs)) {
    const [owner, kind, , outcome = ''] = key.split(' ');
    if (owner === workspace && kind === 'ledger') sums[outcome] = (sums[outcome] ?? 0) + count;
  }
  return sums;
}

const outcomesOf = (...records: readonly Placed[]): Record<string, number> =>
  ledger(run(merged('events', ...records), T0 + 3 * HOUR));

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

describe('a record that came before', () => {
  const other = sound({ id: uuid(2), timestampMs: T0 + HOUR }, T0 + HOUR);
  test.each<[string, readonly Placed[], Record<string, number>]>([
    ['is a duplicate', [sound(), sound()], { counted: 1, duplicate: 1 }],
    [
      'is a duplicate in capitals too',
      [sound({ id: uuid(0xabc) }), sound({ id: uuid(0xabc).toUpperCase() })],
      { counted: 1, duplicate: 1 },
    ],
    ['with another time reuses its id', [sound(), sound({ timestampMs: T0 - 1 })], { counted: 1, 'dead:id_reused': 1 }],
    ['is nothing to another workspace', [sound(), sound({ workspaceId: 'acme' })], { counted: 1 }],
    [
      'late again is late, when it is no purchase and long forgotten',
      [sound(), other, sound({}, T0 + HOUR)],
      { counted: 2, late: 1 },
    ],
    [
      'late again is a duplicate, when it is a purchase',
      [sound({ action: 'purchase' }), other, sound({ action: 'purchase' }, T0 + HOUR)],
      { counted: 2, duplicate: 1 },
    ],
    [
      'late twice is late twice, when it is no purchase',
      [other, sound({}, T0 + HOUR), sound({}, T0 + HOUR)],
      { counted: 1, late: 2 },
    ],
    [
      'late by a minute twice is late twice, when it is no purchase',
      [other, sound({ timestampMs: T0 + 49 * MINUTE }, T0 + HOUR), sound({ timestampMs: T0 + 49 * MINUTE }, T0 + HOUR)],
      { counted: 1, late: 2 },
    ],
    [
      'late twice is a duplicate, when it is a purchase',
      [other, sound({ action: 'purchase' }, T0 + HOUR), sound({ action: 'purchase' }, T0 + HOUR)],
      { counted: 1, late: 1, duplicate: 1 },
    ],
  ])('%s', (_, records, outcomes) => {
    expect(outcomesOf(...records)).toEqual(outcomes);
  });
});

describe('lateness', () => {
  const leader = sound({ id: uuid(2), timestampMs: T0 });
  test.each([
    ['at the watermark is on time', T0 - 10 * MINUTE, { counted: 2 }],
    ['a millisecond behind the watermark is late', T0 - 10 * MINUTE - 1, { counted: 1, late: 1 }],
  ])('%s', (_, timestampMs, outcomes) => {
    expect(outcomesOf(leader, sound({ timestampMs }))).toEqual(outcomes);
  });

  test('is told by the watermark before the record, so that no record makes itself late', () => {
    const runs = run(merged('events', sound({ timestampMs: T0 - HOUR })));
    expect(ledger(runs)).toEqual({ counted: 1 });
  });

  test('comes also by ticks: silence goes on', () => {
    const runs = run(merged('events', tick(T0), tick(T0 + HOUR), sound({}, T0 + HOUR)), T0 + 2 * HOUR);
    expect(ledger(runs)).toEqual({ late: 1 });
  });

  test('keeps an event out of all windows', () => {
    const runs = run(merged('events', leader, sound({ timestampMs: T0 - HOUR, action: 'purchase', amountUnits: 7 })));
    expect(cells(runs.outputs).has(`meridian additive ${T0 - HOUR} *`)).toBe(false);
    expect(cells(runs.outputs).get(`meridian active1h ${T0} *`)).toEqual([1]);
  });
});

describe('a counted event', () => {
  test('is in its pane, in all its groups and no other', () => {
    const sale = sound(
      { action: 'purchase', amountUnits: 749_000, platform: 'ios', timestampMs: T0 + 9_999 },
      T0 + 9_999,
    );
    const runs = run([
      ...merged('users', tierChange('ada', 'gold', { appendTimeMs: T0 - MINUTE })),
      ...merged('events', sale),
    ]);
    const panes = [...cells(runs.outputs)].filter(([key]) => key.startsWith('meridian additive'));
    const members = ['*', 'platform=ios', 'tier=gold', 'region=eu-west-1', 'region=eu-west-1,platform=ios'];
    expect(Object.fromEntries(panes)).toEqual(
      Object.fromEntries(members.map((m) => [`meridian additive ${T0} ${m}`, [0, 0, 1, 0, 749_000]])),
    );
  });

  test('sells in its workspace’s currency, by the rates known when it came', () => {
    const sale = { action: 'purchase', amountUnits: 10_000 } as const;
    const records = [
      ...merged('events', sound({ ...sale, currency: 'USD' })),
      ...merged(
        'reference',
        change('rates', { currency: 'USD', rate: '0.5', valid_from: 0 }, { appendTimeMs: T0 + 1 }),
      ),
      ...merged('events', sound({ ...sale, id: uuid(2), currency: 'usd' }, T0 + 1)),
      ...merged(
        'events',
        sound({ ...sale, id: uuid(3), workspaceId: 'acme' }, T0 + 2),
        sound({ ...sale, id: uuid(4), workspaceId: 'acme', currency: 'EUR' }, T0 + 2),
      ),
    ];
    const found = cells(run(records).outputs);
    expect(found.get(`meridian additive ${T0} *`)).toEqual([0, 0, 2, 0, 9_000 + 5_000]);
    expect(found.get(`acme additive ${T0} *`)).toEqual([0, 0, 2, 0, 10_000 + 20_000]);
  });

  test('has the tier of its own time, of the versions known when it came', () => {
    const records = [
      ...merged('users', tierChange('ada', 'silver', { appendTimeMs: T0 - HOUR, commitMs: T0 - HOUR })),
      ...merged('users', tierChange('ada', 'gold', { appendTimeMs: T0, commitMs: T0 - MINUTE })),
      ...merged('events', sound({ timestampMs: T0 - 2 * MINUTE }), sound({ id: uuid(2) })),
      ...merged('users', tierChange('ada', 'platinum', { appendTimeMs: T0 + 1, commitMs: T0 - 90 * SECOND })),
      ...merged('users', tierChange('ada', 'none', { appendTimeMs: T0 + 1, commitMs: T0 + 1, op: 'd' })),
      ...merged(
        'events',
        sound({ id: uuid(3), timestampMs: T0 - 80 * SECOND }, T0 + 1),
        sound({ id: uuid(4), timestampMs: T0 + 1 }, T0 + 1),
      ),
    ];
    const feed = run(records)
      .outputs.flatMap((o) => o.feed)
      .flatMap((f) => f.cut.events);
    expect(feed.map((e) => e.tier)).toEqual(['silver', 'gold', 'platinum']);
    const found = cells(run(records).outputs);
    expect(found.get(`meridian active1h ${T0} tier=unknown`)).toEqual([1]);
  });

  test('leaves the tiers of people of the same name in other workspaces alone', () => {
    const records = [
      ...merged('users', tierChange('ada', 'gold', { appendTimeMs: T0, workspace: 'acme' })),
      ...merged('events', sound()),
    ];
    expect(cells(run(records).outputs).has(`meridian active1m ${T0} tier=unknown`)).toBe(true);
  });

  test.each<[string, Placed]>([
    ['tombstones', { appendTimeMs: T0, key: utf8.encode('meridian:ada'), value: null }],
    ['ticks', tick(T0)],
    ['garbage', { appendTimeMs: T0, key: utf8.encode('meridian:ada'), value: utf8.encode('{') }],
    ['heartbeats', { appendTimeMs: T0, key: null, value: utf8.encode('{}') }],
    ['tiers nobody knows', tierChange('ada', 'diamond', { appendTimeMs: T0 })],
  ])('is not disturbed by %s among the changes', (_, record) => {
    const records = [...merged('users', record), ...merged('reference', record), ...merged('events', sound())];
    expect(cells(run(records).outputs).has(`meridian active1m ${T0} tier=unknown`)).toBe(true);
  });

  test('is dead once its workspace is gone', () => {
    const gone = change('workspaces', { id: 'meridian', currency: 'EUR' }, { appendTimeMs: T0 + 1, op: 'd' });
    const records = [
      ...merged('events', sound()),
      ...merged('reference', gone),
      ...merged('events', sound({ id: uuid(2) }, T0 + 1)),
    ];
    expect(ledger(run(records), '_system')).toEqual({ 'dead:unknown_workspace': 1 });
  });

  test('makes a cart that is due 30 minutes on, in the group of the cart', () => {
    const runs = run(
      merged('events', sound({ action: 'cart', platform: 'ios' }), tick(T0 + 10 * SECOND), tick(T0 + 30 * MINUTE)),
      T0 + 31 * MINUTE,
    );
    expect(cells(runs.outputs).get(`meridian carts ${T0 + 30 * MINUTE} platform=ios`)).toEqual([1, 1]);
  });
});

describe('the feed', () => {
  test('shows the first few counted or late events of a cut as they are, and counts all', () => {
    const sent = [
      sound({
        itemId: 'sku-1',
        pseudonym: 'p',
        action: 'purchase',
        amountUnits: 749_000,
        currency: 'eur',
        location: 'Virginia',
      }),
      sound(),
      sound({ id: uuid(2), timestampMs: T0 - HOUR }),
      { ...sound({ id: uuid(9) }), key: null },
      sound({ id: uuid(3), amountUnits: 740_010 }),
      sound({ id: uuid(4), workspaceId: 'acme', amountUnits: 10_000, currency: 'x' }),
      sound({ id: uuid(5) }),
    ];
    const feed = run(merged('events', ...sent)).outputs.flatMap((o) => o.feed);
    expect(feed.map((f) => [f.workspace, f.cut.arrived, f.cut.events.length])).toEqual([
      ['meridian', 4, 3],
      ['acme', 1, 1],
    ]);
    expect(feed[0]?.cut).toMatchObject({ cut: T0 / 250, partition: 0, appendMs: T0 });
    expect(feed[0]?.cut.events[0]).toEqual({
      id: uuid(1),
      timeMs: T0,
      action: 'purchase',
      platform: 'web',
      region: 'us-east-1',
      tier: 'unknown',
      itemId: 'sku-1',
      amount: '74.90',
      currency: 'EUR',
      pseudonym: 'p',
      profileVersionMs: null,
      partition: 0,
      offset: 0,
      appendMs: T0,
      late: false,
    });
    expect(feed[0]?.cut.events[1]).toMatchObject({ late: true, amount: null, currency: null, itemId: null });
    expect(feed[0]?.cut.events[2]?.amount).toBe('74.001');
    expect(feed[1]?.cut.events[0]).toMatchObject({ amount: '1.00', currency: null });
  });
});

describe('a cut', () => {
  test('ends with the first record of the next quarter second, and tells every partial partition its watermark', () => {
    const runs = new EventRun().take([...REFERENCE, ...merged('events', sound(), sound({ id: uuid(2) }, T0 + 249))]);
    expect(runs.outputs).toEqual([]);
    expect(runs.task.hasPending).toBe(true);
    runs.take(merged('events', tick(T0 + 250)));
    expect(runs.task.hasPending).toBe(false);
    const heads = runs.outputs[0]?.partials.map(({ partition, message: { workspaces, ...head } }) => ({
      partition,
      ...head,
      workspaces: workspaces.length,
    }));
    const head = {
      sourcePartition: 0,
      cut: T0 / 250,
      watermarkMs: T0 - 10 * MINUTE,
      appendMs: T0 + 249,
      part: 0,
      isLast: true,
    };
    expect(heads).toEqual([
      { partition: 0, ...head, workspaces: expect.any(Number) },
      { partition: 1, ...head, workspaces: expect.any(Number) },
    ]);
    expect(heads?.reduce((sum, h) => sum + h.workspaces, 0)).toBe(1);
  });

  test('tells only what changed since the last one, in absolute values', () => {
    const runs = run(merged('events', sound(), sound({ id: uuid(2), userId: 'bob' }, T0 + 500)), T0 + 750);
    expect(cells(runs.outputs.slice(0, 1)).get(`meridian additive ${T0} *`)).toEqual([1, 0, 0, 0, 0]);
    expect(cells(runs.outputs.slice(1, 2)).get(`meridian additive ${T0} *`)).toEqual([2, 0, 0, 0, 0]);
    expect(cells(runs.outputs.slice(1, 2)).get(`meridian active1h ${T0} *`)).toEqual([2]);
    const silent = run(merged('events', sound(), tick(T0 + 500)), T0 + 750);
    expect([...cells(silent.outputs.slice(1)).keys()]).toEqual([]);
  });

  test('with very many cells comes in parts of which the last is marked', () => {
    const records: Merged[] = [];
    for (let n = 0; n < 1_000; n++)
      records.push(
        ...merged(
          'reference',
          change('regions', { code: `r${n}`, name: `R${n}`, lat: 0, lng: 0 }, { appendTimeMs: T0 }),
        ),
      );
    // Each event opens another hour: two cells in five kinds of windows for its region.
    for (let n = 0; n < 4_000; n++)
      records.push(
        ...merged(
          'events',
          sound({
            id: uuid(n),
            location: `r${n % 1_000}`,
            timestampMs: T0 - 9 * MINUTE + Math.floor(n / 1_000) * 2 * MINUTE,
          }),
        ),
      );
    const parts = run(records).outputs[0]?.partials.filter((p) => p.message.workspaces.length > 0) ?? [];
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.map((p) => p.message.part)).toEqual(parts.map((_, i) => i));
    expect(parts.map((p) => p.message.isLast)).toEqual(parts.map((_, i) => i === parts.length - 1));
    for (const { message } of parts)
      expect(
        message.workspaces.flatMap((w) => w.groups).reduce((sum, g) => sum + g.members.length, 0),
      ).toBeLessThanOrEqual(20_000);
  });
});

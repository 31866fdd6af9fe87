import { describe, expect, test } from 'vitest';
import { ledger, outcomesOf, run, sound } from '../../testing/eventOutcomes.ts';
import { cells, merged } from '../../testing/eventRun.ts';
import { change, HOUR, MINUTE, type Placed, SECOND, T0, tick, tierChange, uuid } from '../../testing/events.ts';

const utf8 = new TextEncoder();

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

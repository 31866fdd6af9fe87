import { describe, expect, test } from 'vitest';
import { REFERENCE, run, sound } from '../../testing/eventOutcomes.ts';
import { cells, EventRun, type Merged, merged } from '../../testing/eventRun.ts';
import { change, HOUR, MINUTE, T0, tick, uuid } from '../../testing/events.ts';

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

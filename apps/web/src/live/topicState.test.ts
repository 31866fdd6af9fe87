import type { FeedEvent } from '@ebap/pipeline/contracts';
import type { SeriesResult } from '@ebap/pipeline/semantics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyDelta, applyPoints, applySnapshot, FEED_KEPT, type TopicView } from './topicState.ts';

const MINUTE_MS = 60_000;

function result(values: readonly (number | null)[], key = '*'): SeriesResult {
  return {
    unit: 'events/s',
    currency: null,
    source: 'live',
    startMs: 0,
    stepMs: MINUTE_MS,
    steps: values.length,
    series: [{ key, label: key, values }],
    asOfMs: 0,
    finalThroughMs: 0,
  };
}

const at = (minute: number, value: number | null, key = '*') => ({ key, timeMs: minute * MINUTE_MS, value });
const delta = (points: readonly ReturnType<typeof at>[]) => ({ asOfMs: 7, finalThroughMs: 5, points });

describe('a series delta', () => {
  it('overwrites the steps it names and leaves the others', () => {
    const after = applyPoints(result([1, 2, 3]), delta([at(1, 20)]));
    expect(after.series[0]?.values).toEqual([1, 20, 3]);
    expect(after).toMatchObject({ startMs: 0, asOfMs: 7, finalThroughMs: 5 });
  });

  it('moves the range on when a new step begins, keeping its length', () => {
    const after = applyPoints(result([1, 2, 3]), delta([at(4, 50)]));
    expect(after.startMs).toBe(2 * MINUTE_MS);
    expect(after.series[0]?.values).toEqual([3, null, 50]);
  });

  it('begins a series that was not there', () => {
    const after = applyPoints(result([1, 2], 'web'), delta([at(1, 9, 'ios')]));
    expect(after.series.map((series) => [series.key, series.values])).toEqual([
      ['web', [1, 2]],
      ['ios', [null, 9]],
    ]);
  });

  it('ignores steps that have fallen out of the range', () => {
    expect(applyPoints({ ...result([1, 2]), startMs: 5 * MINUTE_MS }, delta([at(1, 9)])).series[0]?.values).toEqual([
      1, 2,
    ]);
  });

  it('carries the parts of a ratio', () => {
    const ratio = {
      ...result([0.5]),
      series: [{ key: '*', label: '*', values: [0.5], numerators: [1], denominators: [2] }],
    };
    const after = applyPoints(ratio, {
      asOfMs: 0,
      finalThroughMs: 0,
      points: [{ ...at(1, 0.25), numerator: 1, denominator: 4 }],
    });
    expect(after.series[0]).toMatchObject({ values: [0.25], numerators: [1], denominators: [4] });
  });

  it('applied twice changes nothing more, in any order of its points', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.nat(8), fc.integer()), { selector: ([minute]) => minute, minLength: 1 }),
        (entries) => {
          const points = entries.map(([minute, value]) => at(minute, value));
          const once = applyPoints(result([1, 2, 3, 4]), delta(points));
          expect(applyPoints(once, delta(points))).toEqual(once);
          expect(applyPoints(result([1, 2, 3, 4]), delta([...points].reverse()))).toEqual(once);
        },
      ),
    );
  });
});

const event = (offset: number): FeedEvent => ({
  id: 'x',
  timeMs: 0,
  action: 'view',
  platform: 'web',
  region: 'eu-west-1',
  tier: 'free',
  itemId: null,
  amount: null,
  currency: null,
  pseudonym: null,
  profileVersionMs: null,
  partition: 0,
  offset,
  appendMs: 0,
  late: false,
});
const feedOf = (view: TopicView | null) => (view?.kind === 'feed' ? view.feed : null);

describe('the feed', () => {
  const start = applySnapshot(
    null,
    { kind: 'feed', feed: { events: [event(2), event(1)], arrived: 0, shown: 0 } },
    1_000,
  );

  it('puts new events first and shows none twice', () => {
    const after = applyDelta(
      start,
      { kind: 'feed', feed: { events: [event(3), event(2)], arrived: 5, shown: 2 } },
      2_000,
    );
    expect(feedOf(after)?.events.map((one) => one.offset)).toEqual([3, 2, 1]);
  });

  it('keeps what was there over a reconnect', () => {
    const after = applySnapshot(start, { kind: 'feed', feed: { events: [event(9)], arrived: 0, shown: 0 } }, 9_000);
    expect(feedOf(after)?.events.map((one) => one.offset)).toEqual([9, 2, 1]);
  });

  it('does not grow without end, and counts over the last ten seconds', () => {
    let view: TopicView | null = start;
    for (let index = 1; index <= 300; index += 1)
      view =
        view &&
        applyDelta(
          view,
          { kind: 'feed', feed: { events: [0, 1, 2, 3].map((n) => event(index * 10 + n)), arrived: 4, shown: 4 } },
          index * 500,
        );
    expect(feedOf(view)?.events).toHaveLength(FEED_KEPT);
    expect(feedOf(view)?.recent.length).toBeLessThanOrEqual(21);
  });
});

it('a delta of another kind does not fit', () => {
  expect(
    applyDelta(
      { kind: 'series', result: result([1]) },
      { kind: 'regions', regions: { asOfMs: 0, currency: 'EUR', rows: [] } },
      0,
    ),
  ).toBeNull();
});

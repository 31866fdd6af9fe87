import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GRAINS } from '../contracts/index.ts';
import { checkQuery, HOT_RANGE_MS, MEASURE_NAMES, MEASURES, type SeriesQuery, seriesQuerySchema } from './index.ts';

const query = (over: Partial<SeriesQuery>): SeriesQuery => ({
  measure: 'events',
  filter: {},
  by: null,
  grain: '1m',
  range: { trailingMs: 3_600_000 },
  ...over,
});

describe('the semantic layer answers', () => {
  test.each<[string, Partial<SeriesQuery>]>([
    ['events in all', {}],
    ['events in 10 s panes by action', { grain: '10s', by: 'action' }],
    ['events in 10 s panes of two hours', { grain: '10s', range: { trailingMs: 7_200_000 } }],
    ['events in 1 m windows of a day', { grain: '1m', range: { trailingMs: HOT_RANGE_MS } }],
    [
      'events of one action in one region by platform',
      { filter: { region: 'eu-west-1', action: 'cart' }, by: 'platform' },
    ],
    ['active users by region on one platform', { measure: 'active_users', filter: { platform: 'ios' }, by: 'region' }],
    ['sales of one tier', { measure: 'sales', filter: { tier: 'gold' } }],
    ['sales by tier of one tier', { measure: 'sales', filter: { tier: 'gold' }, by: 'tier' }],
    ['abandonment by region', { measure: 'cart_abandonment', by: 'region' }],
    ['a filter that is there but empty', { filter: { tier: undefined, region: 'eu-west-1' }, by: 'platform' }],
  ])('%s', (_, over) => {
    expect(checkQuery(query(over))).toBeNull();
  });
});

describe('the semantic layer refuses', () => {
  test.each<[string, Partial<SeriesQuery>, string]>([
    ['distinct users in 10 s panes', { measure: 'active_users', grain: '10s' }, 'unsupported_grain'],
    ['abandonment in 10 s panes', { measure: 'cart_abandonment', grain: '10s' }, 'unsupported_grain'],
    ['10 s panes of more than two hours', { grain: '10s', range: { trailingMs: 7_200_001 } }, 'unsupported_range'],
    ['distinct users by action', { measure: 'active_users', by: 'action' }, 'unknown_dimension'],
    ['orders of one action', { measure: 'orders', filter: { action: 'view' } }, 'unknown_dimension'],
    ['tier with region', { filter: { tier: 'gold' }, by: 'region' }, 'undeclared_grouping'],
    ['tier with platform', { filter: { tier: 'gold', platform: 'ios' } }, 'undeclared_grouping'],
    ['three at once', { filter: { tier: 'gold', platform: 'ios' }, by: 'region' }, 'undeclared_grouping'],
    ['tier with region also by action', { filter: { tier: 'gold', region: 'a' }, by: 'action' }, 'undeclared_grouping'],
  ])('%s', (_, over, code) => {
    const problem = checkQuery(query(over));
    expect(problem?.code).toBe(code);
    expect(problem?.message).not.toBe('');
  });

  test('for every measure what its definition does not list, and nothing else', () => {
    for (const measure of MEASURE_NAMES)
      for (const grain of GRAINS)
        for (const by of [null, 'region', 'platform', 'tier', 'action'] as const) {
          const { grains, dimensions }: { grains: readonly string[]; dimensions: readonly string[] } =
            MEASURES[measure];
          const fine = grains.includes(grain) && (by === null || dimensions.includes(by));
          expect(checkQuery(query({ measure, grain, by })) === null).toBe(fine);
        }
  });
});

describe('a query from outside', () => {
  test('is filled up with what it leaves out', () => {
    const asked = { measure: 'sales', grain: '5m', range: { trailingMs: 600_000 } };
    expect(seriesQuerySchema.parse(asked)).toEqual({ ...asked, filter: {}, by: null });
  });

  const good = { measure: 'sales', grain: '5m', range: { trailingMs: 600_000 }, filter: {} };
  test.each<[string, unknown]>([
    ['no object', 'sales'],
    ['null', null],
    ['no measure', { ...good, measure: undefined }],
    ['an unknown measure', { ...good, measure: 'profit' }],
    ['a measure of the prototype', { ...good, measure: 'constructor' }],
    ['an unknown grain', { ...good, grain: '2m' }],
    ['an unknown grouping', { ...good, by: 'user' }],
    ['a filter it does not know', { ...good, filter: { user: 'ada' } }],
    ['a region with braces', { ...good, filter: { region: '{acme}' } }],
    ['a region with a comma', { ...good, filter: { region: 'a,platform=ios' } }],
    ['a region of a line break', { ...good, filter: { region: 'a\n' } }],
    ['an empty region', { ...good, filter: { region: '' } }],
    ['a region of 65 letters', { ...good, filter: { region: 'a'.repeat(65) } }],
    ['an object as region', { ...good, filter: { region: { $gt: '' } } }],
    ['an unknown platform', { ...good, filter: { platform: 'tv' } }],
    ['a range under a minute', { ...good, range: { trailingMs: 59_999 } }],
    ['a range over a day', { ...good, range: { trailingMs: HOT_RANGE_MS + 1 } }],
    ['a range of broken milliseconds', { ...good, range: { trailingMs: 60_000.5 } }],
    ['an endless range', { ...good, range: { trailingMs: Number.POSITIVE_INFINITY } }],
    ['a range with other fields', { ...good, range: { trailingMs: 60_000, from: 0 } }],
  ])('with %s is refused', (_, asked) => {
    expect(seriesQuerySchema.safeParse(asked).success).toBe(false);
  });

  test('is refused or checked, never a crash', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (asked) => {
        const parsed = seriesQuerySchema.safeParse(asked);
        if (parsed.success) checkQuery(parsed.data);
      }),
    );
  });
});

test('every measure describes itself', () => {
  for (const name of MEASURE_NAMES) {
    const measure = MEASURES[name];
    expect(measure.name).toBe(name);
    expect(measure.title).not.toBe('');
    expect(measure.description).not.toBe('');
  }
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedHotStore } from '@ebap/adapters/hot-store';
import { GRAIN_MS } from '@ebap/pipeline/contracts';
import { hotKeys } from '@ebap/pipeline/hot';
import type { HotStore } from '@ebap/pipeline/ports';
import type { SeriesQuery, SeriesResult } from '@ebap/pipeline/semantics';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HotWriterForTests } from '../../../server/testing/liveHarness.ts';
import { applyPoints } from '../../live/topicState.ts';
import { type HotReaderPorts, readSeries } from './hotReader.ts';
import { LiveSeries } from './liveSeries.ts';

const BASE_MS = 1_795_262_400_000;
const MINUTE_MS = 60_000;

let dir: string;
let hot: HotStore;
let write: HotWriterForTests;
let ports: HotReaderPorts;
let workspaces = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ebap-series-'));
  hot = await openEmbeddedHotStore({ dir });
  write = new HotWriterForTests(hot);
  const regions = [{ code: 'eu-central-1', name: 'Frankfurt', lat: 50, lng: 8 }];
  const reference = { regions: async () => regions, currency: async () => 'EUR' };
  ports = { hot, reference, nowMs: () => BASE_MS };
});

afterAll(async () => {
  await hot.close();
  await rm(dir, { recursive: true, force: true });
});

const freshWorkspace = () => `w${++workspaces}`;

function query(over: Partial<SeriesQuery> = {}): SeriesQuery {
  return { measure: 'events', filter: {}, by: null, grain: '1m', range: { trailingMs: 5 * MINUTE_MS }, ...over };
}

describe('a series of the hot store', () => {
  it('ends with the window of the newest append time, and is unknown before the first data', async () => {
    const w = freshWorkspace();
    await write.cell(w, '1m', BASE_MS - 2 * MINUTE_MS, '*', { view: 3, cart: 1 });
    await write.progress(w, BASE_MS + 20_000, BASE_MS - 600_000);
    const result = await readSeries(ports, w, query());
    expect(result).toMatchObject({
      startMs: BASE_MS - 4 * MINUTE_MS,
      stepMs: MINUTE_MS,
      steps: 5,
      asOfMs: BASE_MS + 20_000,
      finalThroughMs: BASE_MS - 600_000,
      unit: 'events',
      currency: null,
    });
    expect(result.series).toEqual([{ key: '*', label: 'Events', values: [null, null, 4, 0, 0] }]);
  });

  it('divides an open window by what has passed of it', async () => {
    const w = freshWorkspace();
    await write.cell(w, '1m', BASE_MS - MINUTE_MS, '*', { view: 120 });
    await write.cell(w, '1m', BASE_MS, '*', { view: 40, sales: 90_000 });
    await write.progress(w, BASE_MS + 20_000);
    const rates = await readSeries(ports, w, query({ measure: 'event_rate' }));
    expect(rates.series[0]?.values.slice(-2)).toEqual([2, 2]);
    const sales = await readSeries(ports, w, query({ measure: 'sales_rate' }));
    expect([sales.currency, sales.series[0]?.values.at(-1)]).toEqual(['EUR', 270_000]);
  });

  it('tells a ratio with both its parts', async () => {
    const w = freshWorkspace();
    await write.cell(w, '1m', BASE_MS, 'platform=ios', { cartsDue: 4, cartsAbandoned: 3 });
    await write.cell(w, '1m', BASE_MS, '*', { cartsDue: 4, cartsAbandoned: 3 });
    await write.progress(w, BASE_MS + 30_000);
    const { series } = await readSeries(ports, w, query({ measure: 'cart_abandonment', by: 'platform' }));
    expect(series.map((one) => one.key)).toEqual(['web', 'ios', 'android', 'pos', 'other']);
    expect(series.map((one) => [one.values[4], one.numerators?.[4], one.denominators?.[4]])).toEqual([
      [null, 0, 0],
      [0.75, 3, 4],
      [null, 0, 0],
      [null, 0, 0],
      [null, 0, 0],
    ]);
  });

  it('splits by action within one group, and by region with unknown last', async () => {
    const w = freshWorkspace();
    await write.cell(w, '1m', BASE_MS, 'region=eu-central-1,platform=web', { view: 7, purchase: 2 });
    await write.cell(w, '1m', BASE_MS, '*', { view: 7, purchase: 2 });
    await write.progress(w, BASE_MS);
    const filter = { region: 'eu-central-1', platform: 'web' } as const;
    const byAction = await readSeries(ports, w, query({ by: 'action', filter }));
    expect(byAction.series.map((one) => [one.key, one.values[4]])).toEqual([
      ['view', 7],
      ['cart', 0],
      ['purchase', 2],
      ['login', 0],
    ]);
    const byRegion = await readSeries(ports, w, query({ by: 'region', filter: { platform: 'web' } }));
    expect(byRegion.series.map((one) => [one.key, one.label, one.values[4]])).toEqual([
      ['eu-central-1', 'Frankfurt', 9],
      ['unknown', 'Unknown', 0],
    ]);
  });

  it('is all unknown before anything has happened', async () => {
    const { series, asOfMs } = await readSeries(ports, freshWorkspace(), query());
    expect([series[0]?.values, asOfMs]).toEqual([[null, null, null, null, null], BASE_MS]);
  });
});

/** A message as the browser gets it: through JSON. */
const sent = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const step = fc.record({
  forwardMs: fc.constantFrom(0, 250, 10_000, 61_000, 200_000),
  writes: fc.array(
    fc.record({ back: fc.integer({ min: 0, max: 6 }), member: fc.constantFrom('*', 'tier=gold'), view: fc.nat(50) }),
    { maxLength: 4 },
  ),
});

it.each<SeriesQuery>([
  query(),
  query({ measure: 'event_rate' }),
  query({ measure: 'cart_abandonment', by: 'tier' }),
  query({ by: 'action', grain: '10s', range: { trailingMs: MINUTE_MS } }),
])('a client that applies the deltas has what a fresh read gives (%#)', async (asked) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      const w = freshWorkspace();
      const live = new LiveSeries(ports, w, asked);
      let nowMs = BASE_MS;
      await write.progress(w, nowMs);
      let client: SeriesResult = sent(await live.reload());
      for (const { forwardMs, writes } of steps) {
        nowMs += forwardMs;
        const changed = new Set<string>();
        for (const { back, member, view } of writes) {
          const lengthMs = GRAIN_MS[asked.grain];
          const startMs = Math.floor(nowMs / lengthMs) * lengthMs - back * lengthMs;
          await write.cell(w, asked.grain, startMs, member, { view, cartsDue: view, cartsAbandoned: 1 });
          if (member !== '*') await write.cell(w, asked.grain, startMs, '*', { view, cartsDue: view });
          changed.add(hotKeys.window(w, asked.grain, startMs));
        }
        await write.progress(w, nowMs);
        const news = await live.advance(changed);
        if (news === 'reload') client = sent(live.result ?? client);
        else if (news !== null) client = applyPoints(client, sent(news));
        const fresh = await readSeries(ports, w, asked);
        expect(client.startMs).toBe(fresh.startMs);
        expect(known(client, fresh)).toEqual(sent(fresh.series));
      }
    }),
    { numRuns: 25 },
  );
});

/** Steps before the first data may be held as zero by who watched them pass; a fresh reader can't know them. */
function known(client: SeriesResult, fresh: SeriesResult): SeriesResult['series'] {
  return client.series.map((one, s) => {
    const other = fresh.series[s];
    const column = (mine: readonly (number | null)[], theirs: readonly (number | null)[] | undefined) =>
      mine.map((value, i) => (theirs?.[i] === null ? null : value));
    return {
      ...one,
      values: column(one.values, other?.values),
      ...(one.numerators && { numerators: column(one.numerators, other?.numerators) }),
      ...(one.denominators && { denominators: column(one.denominators, other?.denominators) }),
    };
  });
}

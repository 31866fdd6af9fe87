import type { NowPayload } from '@ebap/pipeline/contracts';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { firstCartsDueMs } from './firstCarts.ts';
import { NowTiles } from './NowPanel.tsx';
import { cartsNote } from './OrdersPanel.tsx';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START_MS = Date.UTC(2026, 10, 27, 12);

/** An hour that ends at 13:00 UTC, of which the last minutes are known. */
function now(knownMinutes: number, abandonment: NowPayload['abandonment']): NowPayload {
  const column = Array.from({ length: 60 }, (_, index) => (60 - index > knownMinutes ? null : 3));
  return {
    asOfMs: START_MS + HOUR_MS,
    finalThroughMs: START_MS,
    currency: 'EUR',
    activeUsers: 5,
    eventsPerSecond: 3,
    salesPerMinute: 10,
    abandonment,
    sparklines: {
      startMs: START_MS,
      stepMs: MINUTE_MS,
      activeUsers: column,
      eventsPerSecond: column,
      salesPerMinute: column,
      abandonment: column,
    },
  };
}

const NONE = { ratio: null, abandoned: 0, due: 0 };

function tile(payload: NowPayload): string {
  const [, html = ''] = renderToStaticMarkup(<NowTiles now={payload} zone="Europe/Berlin" />).split(
    'data-tile="Cart abandonment"',
  );
  return html.replace(/<[^>]*>/g, '');
}

describe('the abandonment tile', () => {
  it('says the share, and the carts it is made of', () => {
    expect(tile(now(60, { ratio: 0.7493, abandoned: 1_124, due: 1_500 }))).toContain(
      '74.9\u00a0%1,124 of 1,500 carts, last hour',
    );
    expect(tile(now(60, { ratio: 0, abandoned: 0, due: 1 }))).toContain('0.0\u00a0%0 of 1 cart, last hour');
  });

  it('says in a young installation when the first carts come due', () => {
    expect(tile(now(20, NONE))).toContain('–first carts due at 14:10 CET');
  });

  it('says in an old one that none came due', () => {
    expect(tile(now(60, NONE))).toContain('–none due in the last hour');
  });
});

describe('the first carts', () => {
  it('come due half an hour after the data begins', () => {
    expect(firstCartsDueMs(now(20, NONE))).toBe(START_MS + 70 * MINUTE_MS);
    expect(firstCartsDueMs(now(1, NONE))).toBe(START_MS + 89 * MINUTE_MS);
  });

  it('are told of in the very first minute too, when no full minute is known', () => {
    expect(firstCartsDueMs(now(0, NONE))).toBe(START_MS + 90 * MINUTE_MS);
    expect(firstCartsDueMs({ ...now(0, NONE), activeUsers: null })).toBeNull();
  });

  it('are no news once they could have come, or where the hour does not know the beginning', () => {
    expect([30, 59, 60].map((minutes) => firstCartsDueMs(now(minutes, NONE)))).toEqual([null, null, null]);
  });

  it('are announced in the empty chart', () => {
    expect(cartsNote(START_MS + 70 * MINUTE_MS, 'Europe/Berlin')).toBe(
      'First carts come due at 14:10 CET, 30 min after their last change',
    );
    expect(cartsNote(null, 'UTC')).toBe('No cart came due in this range');
  });
});

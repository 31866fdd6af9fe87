import { describe, expect, it } from 'vitest';
import { Daylight, zoneOffsetMs } from './daylight.ts';
import { SHOP_REGIONS } from './regions.ts';

const at = (text: string): number => Date.parse(text);
const HOUR_MS = 3_600_000;

describe('local time', () => {
  it.each([
    ['Asia/Kolkata', '2026-11-21T00:00:00Z', 5.5],
    ['America/New_York', '2026-07-01T00:00:00Z', -4],
    ['America/New_York', '2026-12-01T00:00:00Z', -5],
    ['Europe/London', '2026-12-01T00:00:00Z', 0],
    ['Australia/Sydney', '2026-12-01T00:00:00Z', 11],
  ])('%s is off UTC as its calendar says at %s', (zone, time, hours) => {
    expect(zoneOffsetMs(zone, at(time)) / HOUR_MS).toBe(hours);
  });
});

describe('activity', () => {
  it.each(SHOP_REGIONS.map((r) => [r.code, r.zone] as const))('of %s has a mean of 1 over a week', (_, zone) => {
    const daylight = new Daylight(zone);
    const startMs = at('2026-11-16T00:00:00Z');
    let sum = 0;
    const steps = 7 * 24 * 12;
    for (let i = 0; i < steps; i++) sum += daylight.activityAt(startMs + (i * HOUR_MS) / 12);
    expect(sum / steps).toBeCloseTo(1, 2);
  });

  it('is high in the evening and low in the night of its own zone', () => {
    const tokyo = new Daylight('Asia/Tokyo');
    const berlin = new Daylight('Europe/Berlin');
    const noonUtc = at('2026-11-18T11:30:00Z');
    const nightUtc = at('2026-11-18T18:30:00Z');
    expect(tokyo.activityAt(noonUtc)).toBeGreaterThan(1.5);
    expect(tokyo.activityAt(nightUtc)).toBeLessThan(0.25);
    expect(berlin.activityAt(nightUtc)).toBeGreaterThan(1.5);
  });

  it('begins later at weekends', () => {
    const berlin = new Daylight('Europe/Berlin');
    expect(berlin.activityAt(at('2026-11-21T06:00:00Z'))).toBeLessThan(berlin.activityAt(at('2026-11-20T06:00:00Z')));
  });
});

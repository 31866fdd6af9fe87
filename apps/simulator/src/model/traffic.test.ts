import { describe, expect, it } from 'vitest';
import { events, live, type Sent } from '../testing/world.ts';
import { ShopModel } from './model.ts';
import type { ScenarioRun } from './scenarios.ts';

const MONDAY_MS = Date.parse('2026-11-16T00:00:00Z');
const HOUR_MS = 3_600_000;
const tokyo = (e: Sent): boolean => e.metadata.currency === 'JPY';

describe('a week', () => {
  const model = new ShopModel({ seed: 5, startMs: MONDAY_MS, eventsPerSecond: 1 });
  const perHour: number[] = [];
  const perHourJapan: number[] = [];
  for (let hour = 1; hour <= 168; hour++) {
    const { emissions } = model.advance(MONDAY_MS + hour * HOUR_MS);
    perHour.push(emissions.length);
    perHourJapan.push(emissions.filter((e) => e.body.includes('"location":"35.') && e.workspace === 'meridian').length);
  }
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

  it('has the mean rate that was asked for', () => {
    expect(sum(perHour) / (7 * 86_400)).toBeGreaterThan(0.95);
    expect(sum(perHour) / (7 * 86_400)).toBeLessThan(1.05);
  });

  it('is never dead and never far above the mean, the world taken together', () => {
    for (const count of perHour) {
      expect(count / 3_600).toBeGreaterThan(0.3);
      expect(count / 3_600).toBeLessThan(2.2);
    }
  });

  it('shows day and night of each region', () => {
    const at = (localHour: number): number =>
      sum([0, 1, 2, 3, 4].map((day) => perHourJapan[day * 24 + ((localHour - 9 + 24) % 24)] ?? 0));
    expect(at(20)).toBeGreaterThan(6 * at(3));
  });
});

describe('scenarios', () => {
  const start = Date.parse('2026-11-18T18:00:00Z');
  const options = { startMs: start, eventsPerSecond: 120 };
  const run = (name: ScenarioRun['name'], atSeconds: number, durationSeconds: number): ScenarioRun => ({
    name,
    startMs: start + atSeconds * 1_000,
    region: 'eu-west-1',
    durationSeconds,
  });
  const between = (sent: readonly Sent[], from: number, to: number): readonly Sent[] =>
    sent.filter((e) => e.timeMs >= start + from * 1_000 && e.timeMs < start + to * 1_000);
  /** Ireland's people live round 53 N, 6 W; nobody else's do. */
  const inIreland = (e: Sent): boolean => {
    const [lat = 0, lng = 0] = e.location.split(',').map(Number);
    return e.location === 'eu-west-1' || (Math.abs(lat - 53.3) < 1 && Math.abs(lng + 6.3) < 1.6);
  };
  const count = (sent: readonly Sent[], action: string): number => sent.filter((e) => e.action === action).length;

  it('change nothing before they begin', () => {
    const plain = live(60, options);
    expect(live(60, options, [run('region-overload', 60, 600)])).toEqual(plain);
  });

  it('spike-40s: five times the traffic of the region for 40 s, elsewhere nothing', () => {
    const sent = events(live(260, options, [run('spike-40s', 120, 40)]));
    const rate = (list: readonly Sent[], seconds: number): number => list.length / seconds;
    const before = rate(between(sent, 0, 120).filter(inIreland), 120);
    const during = rate(between(sent, 120, 160).filter(inIreland), 40);
    const after = rate(between(sent, 190, 260).filter(inIreland), 70);
    expect(during / before).toBeGreaterThan(3.8);
    expect(during / before).toBeLessThan(6.2);
    expect(after / before).toBeLessThan(1.5);
    const others = (e: Sent): boolean => !inIreland(e);
    expect(
      rate(between(sent, 120, 160).filter(others), 40) / rate(between(sent, 0, 120).filter(others), 120),
    ).toBeCloseTo(1, 0);
  });

  it('region-overload: three times the traffic after some minutes, payments fail', () => {
    const plain = between(events(live(900, options)), 500, 900).filter(inIreland);
    const loaded = between(events(live(900, options, [run('region-overload', 0, 900)])), 500, 900).filter(inIreland);
    expect(loaded.length / plain.length).toBeGreaterThan(2.3);
    expect(loaded.length / plain.length).toBeLessThan(3.7);
    const failures = (list: readonly Sent[]): number => list.filter((e) => e.metadata.error !== undefined).length;
    expect(failures(loaded)).toBeGreaterThan(count(loaded, 'purchase') / 2);
    expect(failures(plain)).toBeLessThan(count(plain, 'purchase') / 3);
  });

  it('checkout-failure: no purchase at all while it lasts, purchases again after it', () => {
    const sent = events(live(900, options, [run('checkout-failure', 300, 300)]));
    expect(count(between(sent, 0, 300), 'purchase')).toBeGreaterThan(100);
    expect(count(between(sent, 301, 599), 'purchase')).toBe(0);
    expect(count(between(sent, 601, 900), 'purchase')).toBeGreaterThan(60);
    expect(between(sent, 301, 599).some((e) => e.metadata.error === 'payment_unavailable')).toBe(true);
  });

  it('ios-release: iOS sells less than half, the others as before', () => {
    const rate = (sent: readonly Sent[], platform: string): number => {
      const own = between(sent, 400, 1_600).filter((e) => e.metadata.platform === platform);
      return count(own, 'purchase') / count(own, 'cart');
    };
    const plain = events(live(1_600, options));
    const hurt = events(live(1_600, options, [run('ios-release', 0, Number.POSITIVE_INFINITY)]));
    expect(rate(hurt, 'ios') / rate(plain, 'ios')).toBeGreaterThan(0.3);
    expect(rate(hurt, 'ios') / rate(plain, 'ios')).toBeLessThan(0.52);
    expect(rate(hurt, 'web') / rate(plain, 'web')).toBeCloseTo(1, 0);
  });

  it('silence: not one record while it lasts, then people go on where they were', () => {
    const { emissions } = live(180, options, [run('silence', 60, 60)]);
    const at = (e: { timeMs: number }): number => (e.timeMs - start) / 1_000;
    expect(emissions.filter((e) => at(e) >= 60 && at(e) < 120)).toEqual([]);
    const resumed = emissions.filter((e) => at(e) >= 120 && at(e) < 130).length;
    expect(resumed).toBeGreaterThan(emissions.filter((e) => at(e) >= 50 && at(e) < 60).length / 2);
  });

  it('prices of Japan are in yen', () => {
    const yen = events(live(300, options)).filter(tokyo);
    expect(yen.length).toBeGreaterThan(0);
    for (const e of yen) expect(Number(e.metadata.amount) % 10).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { type Emission, ShopModel } from './model/index.ts';
import { Pacer } from './pacer.ts';
import { live, START_MS } from './testing/world.ts';

function paced(): { pacer: Pacer; records: Emission[]; outlet: { hasRoom: boolean }; model: ShopModel } {
  const model = new ShopModel({ seed: 1, startMs: START_MS, eventsPerSecond: 20 });
  const records: Emission[] = [];
  const outlet = { hasRoom: true, record: (e: Emission) => records.push(e), profile: () => undefined };
  return { pacer: new Pacer(model, outlet), records, outlet, model };
}

function run(pacer: Pacer, fromMs: number, toMs: number): void {
  for (let ms = fromMs; ms <= toMs; ms += 50) pacer.tick(START_MS + ms);
}

const userOf = (e: Emission): string => `${e.workspace}/${JSON.parse(e.body).user_id}`;

describe('the pacer', () => {
  it('keeps the model beside the clock and changes nothing of what it does', () => {
    const { pacer, records } = paced();
    run(pacer, 0, 60_000);
    expect(records).toEqual(live(60).emissions);
  });

  it('stands still without room, then catches up without loss at a bounded speed', () => {
    const { pacer, records, outlet } = paced();
    run(pacer, 0, 20_000);
    outlet.hasRoom = false;
    const before = records.length;
    run(pacer, 20_050, 40_000);
    expect(records.length).toBe(before);
    expect(pacer.lagMs(START_MS + 40_000)).toBe(20_000);
    outlet.hasRoom = true;
    run(pacer, 40_050, 41_000);
    expect(pacer.lagMs(START_MS + 41_000)).toBeGreaterThan(10_000);
    run(pacer, 41_050, 60_000);
    expect(pacer.lagMs(START_MS + 60_000)).toBe(0);
    expect(records).toEqual(live(60).emissions);
  });

  it('after a long stop people go on where they were, later', () => {
    const { pacer, records, outlet } = paced();
    run(pacer, 0, 10_000);
    outlet.hasRoom = false;
    run(pacer, 10_050, 600_000);
    outlet.hasRoom = true;
    const before = records.length;
    run(pacer, 600_050, 620_000);
    const after = records.slice(before);
    expect(after.length).toBeGreaterThan(200);
    expect(Math.min(...after.map((e) => e.timeMs))).toBeGreaterThanOrEqual(START_MS + 600_000);
    expect(pacer.postponedMs).toBeGreaterThanOrEqual(590_000);
    const people = (list: readonly Emission[]): Set<string> => new Set(list.map((e) => userOf(e)));
    const before10 = people(records.slice(0, before));
    expect([...people(after)].filter((user) => before10.has(user)).length).toBeGreaterThan(50);
  });

  it('does nothing when the clock steps back', () => {
    const { pacer, records, model } = paced();
    run(pacer, 0, 5_000);
    const before = records.length;
    pacer.tick(START_MS + 1_000);
    expect([records.length, model.nowMs]).toEqual([before, START_MS + 5_000]);
  });
});

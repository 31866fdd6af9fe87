import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { events, live, type Sent, START_MS, sessions } from '../testing/world.ts';
import { ShopModel } from './model.ts';
import { SHOP_REGIONS } from './regions.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const hour = live(3_600);
const sent = events(hour);
const visits = sessions(sent);
const meridian = sent.filter((e) => e.workspace === 'meridian');
const acme = sent.filter((e) => e.workspace === 'acme');
const share = (part: number, all: number): number => part / all;

describe('the same seed and start', () => {
  it('give the same bytes, however time is cut', () => {
    const plain = live(120, { eventsPerSecond: 50 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7_000 }), (stepMs) => {
        expect(live(120, { eventsPerSecond: 50 }, [], stepMs)).toEqual(plain);
      }),
      { numRuns: 5 },
    );
  });

  it('another seed gives other events, another start other ids of the same people', () => {
    const first = events(live(60));
    const ids = new Set(first.map((e) => e.id));
    const users = new Set(first.map((e) => e.user_id));
    expect(events(live(60, { seed: 2 })).filter((e) => ids.has(e.id))).toEqual([]);
    const tomorrow = events(live(60, { startMs: START_MS + 86_400_000 }));
    expect(tomorrow.filter((e) => ids.has(e.id))).toEqual([]);
    expect(tomorrow.some((e) => users.has(e.user_id))).toBe(true);
  });
});

describe('time', () => {
  it('records leave in order, none before the start', () => {
    const times = hour.emissions.map((e) => e.timeMs);
    expect(times.every((t, i) => i === 0 || t >= (times[i - 1] ?? 0))).toBe(true);
    expect(times[0]).toBeGreaterThanOrEqual(START_MS);
    expect(sent.every((e) => e.timeMs >= START_MS || e.sentMs > e.timeMs)).toBe(true);
  });

  it('the first ten seconds are as busy as any, with baskets that were begun before', () => {
    const first = sent.filter((e) => e.timeMs < START_MS + 10_000);
    expect(first.length).toBeGreaterThan(100);
    const firstMinute = sent.filter((e) => e.timeMs < START_MS + 60_000);
    expect(firstMinute.filter((e) => e.action === 'cart').length).toBeGreaterThan(10);
  });

  it('nobody is in two sessions at once', () => {
    const spans = Map.groupBy([...visits.values()], (v) => `${v[0]?.workspace}/${v[0]?.user_id}`);
    for (const own of spans.values())
      own.forEach((visit, i) => {
        const next = own[i + 1]?.[0];
        if (next !== undefined) expect(next.timeMs).toBeGreaterThanOrEqual(visit[visit.length - 1]?.timeMs ?? 0);
      });
  });
});

describe('a visit', () => {
  it('signs in only at its beginning', () => {
    for (const visit of visits.values()) expect(visit.slice(1).filter((e) => e.action === 'login')).toEqual([]);
  });

  it('buys only what it put into the basket before, with the checkout in between', () => {
    let purchases = 0;
    for (const visit of visits.values()) {
      let open = 0;
      let checkedOut = false;
      for (const e of visit) {
        if (e.action === 'cart') open++;
        if (e.metadata.page === 'checkout') checkedOut = true;
        if (e.action !== 'purchase') continue;
        purchases++;
        expect(open).toBeGreaterThan(0);
        expect(checkedOut).toBe(true);
        expect(Number(e.metadata.items)).toBeGreaterThan(0);
        open = 0;
        checkedOut = false;
      }
    }
    expect(purchases).toBeGreaterThan(200);
  });

  it('buys within half an hour of its last basket', () => {
    for (const visit of visits.values()) {
      let cartMs = 0;
      for (const e of visit) {
        if (e.action === 'cart') cartMs = e.timeMs;
        if (e.action === 'purchase') expect(e.timeMs - cartMs).toBeLessThan(1_800_000);
      }
    }
  });

  it('stays on one platform, in one place, with one currency', () => {
    for (const visit of visits.values()) {
      expect(new Set(visit.map((e) => e.metadata.platform)).size).toBe(1);
      expect(new Set(visit.map((e) => e.location)).size).toBe(1);
      expect(new Set(visit.flatMap((e) => e.metadata.currency ?? [])).size).toBeLessThanOrEqual(1);
    }
  });

  it('takes minutes, not hours, with pauses to think', () => {
    const gaps = [...visits.values()].flatMap((v) => v.slice(1).map((e, i) => e.timeMs - (v[i]?.timeMs ?? 0)));
    gaps.sort((a, b) => a - b);
    expect(gaps[Math.floor(gaps.length / 2)]).toBeGreaterThan(8_000);
    expect(gaps[Math.floor(gaps.length / 2)]).toBeLessThan(30_000);
    expect(gaps[gaps.length - 1]).toBeLessThan(400_000);
  });
});

describe('an hour of shopping', () => {
  it('leaves about seven of ten baskets behind', () => {
    const withBasket = [...visits.values()].filter((v) => v.some((e) => e.action === 'cart'));
    const bought = withBasket.filter((v) => v.some((e) => e.action === 'purchase'));
    expect(1 - share(bought.length, withBasket.length)).toBeGreaterThan(0.63);
    expect(1 - share(bought.length, withBasket.length)).toBeLessThan(0.76);
  });

  it('shows three platforms, fifteen regions and twelve currencies', () => {
    expect(new Set(sent.map((e) => e.metadata.platform))).toEqual(new Set(['web', 'ios', 'android']));
    expect(new Set(sent.flatMap((e) => e.metadata.currency ?? [])).size).toBe(12);
    for (const region of SHOP_REGIONS)
      expect(sent.some((e) => e.location === region.code || near(e, region))).toBe(true);
  });

  it('tells places as coordinates mostly, as codes and names at times', () => {
    const coordinates = sent.filter((e) => /^-?\d+\.\d{4},-?\d+\.\d{4}$/.test(e.location)).length;
    const codes = sent.filter((e) => SHOP_REGIONS.some((r) => r.code === e.location)).length;
    const names = sent.filter((e) => SHOP_REGIONS.some((r) => r.name === e.location)).length;
    expect(share(coordinates, sent.length)).toBeGreaterThan(0.8);
    expect(codes).toBeGreaterThan(names);
    expect(names).toBeGreaterThan(0);
  });

  it('has ids of its own for every event of a workspace', () => {
    for (const own of [meridian, acme]) expect(new Set(own.map((e) => e.id)).size).toBe(own.length);
    expect(sent.every((e) => UUID.test(e.id))).toBe(true);
  });

  it('has people and ids that the two workspaces share by chance, the first one larger', () => {
    const ids = new Set(meridian.map((e) => e.id));
    const users = new Set(meridian.map((e) => e.user_id));
    expect(acme.filter((e) => ids.has(e.id)).length).toBeGreaterThan(50);
    expect(acme.filter((e) => users.has(e.user_id)).length).toBeGreaterThan(acme.length / 2);
    expect(share(meridian.length, sent.length)).toBeGreaterThan(0.7);
  });

  it('sees people come back', () => {
    const visitsOf = Map.groupBy([...visits.keys()], (key) => key.slice(0, key.lastIndexOf('/')));
    const back = [...visitsOf.values()].filter((v) => v.length > 1).length;
    expect(share(back, visitsOf.size)).toBeGreaterThan(0.05);
  });

  it('amounts have two decimals at most', () => {
    for (const e of sent) {
      const { amount } = e.metadata;
      if (amount !== undefined) expect(Number(amount).toFixed(2)).toBe(Number(amount).toFixed(6).slice(0, -4));
    }
  });
});

describe('faults', () => {
  const bodies = (fate: string): string[] => hour.emissions.filter((e) => e.fate === fate).map((e) => e.body);

  it('duplicates are the identical record, sent later', () => {
    const firstSent = new Map<string, number>();
    for (const e of hour.emissions)
      if (e.fate !== 'duplicate')
        firstSent.set(`${e.workspace}${e.body}`, firstSent.get(`${e.workspace}${e.body}`) ?? e.timeMs);
      else expect(e.timeMs).toBeGreaterThan(firstSent.get(`${e.workspace}${e.body}`) ?? Number.POSITIVE_INFINITY);
    expect(share(bodies('duplicate').length, hour.emissions.length)).toBeGreaterThan(0.003);
    expect(share(bodies('duplicate').length, hour.emissions.length)).toBeLessThan(0.007);
  });

  it('broken records come on top at the set rate, each under an id of its own', () => {
    const broken = bodies('malformed');
    expect(share(broken.length, hour.emissions.length)).toBeGreaterThan(0.0012);
    expect(share(broken.length, hour.emissions.length)).toBeLessThan(0.0028);
    const ids = new Set(sent.map((e) => e.id));
    expect(broken.filter((b) => ids.has(JSON.parse(b).id))).toEqual([]);
  });

  it('phones without network send what happened when they are back, some of it after ten minutes', () => {
    const delayed = sent.filter((e) => e.sentMs > e.timeMs);
    expect(delayed.length).toBeGreaterThan(20);
    expect(delayed.every((e) => e.metadata.platform !== 'web')).toBe(true);
    expect(delayed.some((e) => e.sentMs - e.timeMs > 600_000)).toBe(true);
    expect(Math.max(...delayed.map((e) => e.sentMs - e.timeMs))).toBeLessThanOrEqual(6 * 3_600_000);
  });

  it('brings late events of the larger shop within the first minutes of a start, at any time of day', () => {
    for (const hours of [0, 4, 8, 12, 16, 20]) {
      const first = events(live(300, { eventsPerSecond: 50, startMs: START_MS + hours * 3_600_000 }));
      const late = first.filter((e) => e.sentMs - e.timeMs > 600_000);
      expect(late.filter((e) => e.workspace === 'meridian').length).toBeGreaterThan(0);
      expect(late.length / first.length).toBeLessThan(0.02);
    }
  });

  it('can be switched off', () => {
    const clean = live(600, { faults: { duplicate: 0, malformed: 0, offline: 0 } });
    expect(new Set(clean.emissions.map((e) => e.fate))).toEqual(new Set(['sound']));
  });
});

describe('accounts', () => {
  const long = live(7_200, { eventsPerSecond: 30 }, [], 600_000);

  it('change for few: sign-ups, tiers, moves and deletions, all of people who exist', () => {
    const { profileChanges } = long;
    expect(new Set(profileChanges.map((c) => c.kind))).toEqual(
      new Set(['signed_up', 'tier_changed', 'moved', 'deleted']),
    );
    for (const change of profileChanges) expect(change.profile.userId).toMatch(/^u-[0-9a-z]{6}$/);
  });

  it('exist at the start for most people, at most as many as allowed, in both workspaces', () => {
    const all = [...new ShopModel({ seed: 1, startMs: START_MS, eventsPerSecond: 50 }).residents()];
    expect(all.length).toBeGreaterThan(15_000);
    expect(new Set(all.map((p) => `${p.workspace}:${p.userId}`)).size).toBe(all.length);
    expect(new Set(all.map((p) => p.tier))).toEqual(new Set(['free', 'silver', 'gold', 'platinum']));
    const few = new ShopModel({ seed: 1, startMs: START_MS, eventsPerSecond: 500, memberLimit: 1_000 });
    expect([...few.residents()].length).toBeLessThan(1_100);
  });

  it('nobody shops after the account is gone', () => {
    const gone = new Map(
      long.profileChanges.flatMap((c) =>
        c.kind === 'deleted' ? [[`${c.profile.workspace}:${c.profile.userId}`, c.timeMs] as const] : [],
      ),
    );
    expect(gone.size).toBeGreaterThan(3);
    const after = events(long).filter((e) => e.timeMs > (gone.get(`${e.workspace}:${e.user_id}`) ?? e.timeMs));
    expect(after).toEqual([]);
  });
});

function near(e: Sent, region: { lat: number; lng: number }): boolean {
  const [lat = Number.NaN, lng = Number.NaN] = e.location.split(',').map(Number);
  return Math.abs(lat - region.lat) < 4 && Math.abs(lng - region.lng) < 5;
}

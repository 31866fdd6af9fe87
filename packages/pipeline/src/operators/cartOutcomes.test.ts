import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { requireSection } from '../state/index.ts';
import { throughBytes } from '../testing/memorySnapshot.ts';
import { windowStartMs } from '../time/index.ts';
import { ABANDONED, CartOutcomes, CartSteps, DUE } from './index.ts';
import { memberCount, platformMember, regionMember, regionPlatformMember, TOTAL, tierMember } from './memberIndex.ts';
import { SlotChains } from './slotChains.ts';

const MIN = 60_000;
const TIMEOUT = 30 * MIN;
const MEMBERS = memberCount(2);

interface Step {
  readonly slot: number;
  readonly timeMs: number;
  readonly isPurchase: boolean;
  readonly region: number;
  readonly platform: number;
  readonly tier: number;
}

const cart = (minute: number, over: Partial<Step> = {}): Step => ({
  slot: 0,
  timeMs: minute * MIN,
  isPurchase: false,
  region: 0,
  platform: 0,
  tier: 0,
  ...over,
});
const purchase = (minute: number, over: Partial<Step> = {}): Step => cart(minute, { isPurchase: true, ...over });

/** The carts of one workspace in one partition. */
interface Carts {
  readonly outcomes: CartOutcomes;
  readonly steps: CartSteps;
}

const noCarts = (): Carts => ({ outcomes: new CartOutcomes(), steps: new CartSteps() });

function close({ outcomes, steps }: Carts, watermarkMs: number): void {
  outcomes.close(watermarkMs);
  steps.close(watermarkMs);
}

function restored({ outcomes, steps }: Carts): Carts {
  const sections = throughBytes([outcomes.toSection('outcomes'), steps.toSection('steps')]);
  return {
    outcomes: CartOutcomes.fromSection(requireSection(sections, 'outcomes')),
    steps: CartSteps.fromSection(requireSection(sections, 'steps')),
  };
}

/** Everything that was ever shown, newest value per `minute/member`; what went back to nothing is dropped. */
type Shown = Map<string, readonly [due: number, abandoned: number]>;

function show({ outcomes }: Carts, appendMs: number, into: Shown): void {
  outcomes.takeDirty(appendMs, (startMs, pane) => {
    for (const m of pane.takeDirty()) {
      const value = [pane.get(m, DUE), pane.get(m, ABANDONED)] as const;
      if (value[0] === 0 && value[1] === 0) into.delete(`${startMs}/${m}`);
      else into.set(`${startMs}/${m}`, value);
    }
  });
}

function add({ outcomes, steps }: Carts, step: Step): void {
  const { slot, ...rest } = step;
  outcomes.add(steps, slot, rest, MEMBERS);
}

/** The definition once more: sort everybody's steps by time and look at each cart's next step. */
function recomputed(steps: readonly Step[]): Shown {
  const shown: Shown = new Map();
  const sorted = steps
    .map((s, order) => ({ ...s, order }))
    .sort((a, b) => a.timeMs - b.timeMs || Number(a.isPurchase) - Number(b.isPurchase) || a.order - b.order);
  sorted.forEach((s, i) => {
    if (s.isPurchase) return;
    const next = sorted.slice(i + 1).find((other) => other.slot === s.slot);
    const inTime = next !== undefined && next.timeMs < s.timeMs + TIMEOUT;
    if (inTime && !next.isPurchase) return;
    const minute = windowStartMs(s.timeMs + TIMEOUT, MIN);
    for (const m of [
      TOTAL,
      platformMember(s.platform),
      tierMember(s.tier),
      regionMember(s.region),
      regionPlatformMember(s.region, s.platform),
    ]) {
      const [due, abandoned] = shown.get(`${minute}/${m}`) ?? [0, 0];
      shown.set(`${minute}/${m}`, [due + 1, abandoned + (inTime ? 0 : 1)]);
    }
  });
  return shown;
}

/** Totals as `minute: abandoned/due`. */
function totals(shown: Shown): readonly string[] {
  return [...shown]
    .filter(([key]) => key.endsWith(`/${TOTAL}`))
    .map(([key, [due, abandoned]]) => `${Number.parseInt(key, 10) / MIN}: ${abandoned}/${due}`)
    .sort();
}

describe('a cart', () => {
  test.each<[string, readonly Step[], readonly string[]]>([
    ['that nothing follows is abandoned 30 minutes on', [cart(0)], ['30: 1/1']],
    ['that is bought in time is due but not abandoned', [cart(0), purchase(29)], ['30: 0/1']],
    [
      'that is bought one millisecond before 30 minutes is bought',
      [cart(0), purchase(30, { timeMs: 30 * MIN - 1 })],
      ['30: 0/1'],
    ],
    ['that is bought at exactly 30 minutes is abandoned', [cart(0), purchase(30)], ['30: 1/1']],
    ['that is changed in time is one cart, due 30 minutes after the change', [cart(0), cart(20)], ['50: 1/1']],
    [
      'that is changed at exactly 30 minutes is abandoned and another begins',
      [cart(0), cart(30)],
      ['30: 1/1', '60: 1/1'],
    ],
    ['that is changed and then bought is bought', [cart(0), cart(20), purchase(45)], ['50: 0/1']],
    ['that comes to the log after its purchase is bought', [purchase(10), cart(5)], ['35: 0/1']],
    ['before a purchase that an earlier cart had, takes its place', [cart(0), purchase(20), cart(10)], ['40: 0/1']],
    ['between two that were apart joins them', [cart(0), cart(40), cart(20)], ['70: 1/1']],
    ['that a late purchase splits is two carts', [cart(0), cart(20), purchase(10)], ['30: 0/1', '50: 1/1']],
    ['at the same time as a purchase comes before it', [purchase(10), cart(10)], ['40: 0/1']],
    ['bought twice is due once', [cart(0), purchase(5), purchase(6)], ['30: 0/1']],
    ['of another person is not bought by this one', [cart(0), purchase(5, { slot: 1 })], ['30: 1/1']],
    ['without an event is none: a purchase alone is due nowhere', [purchase(5)], []],
  ])('%s', (_, steps, minutes) => {
    const carts = noCarts();
    const shown: Shown = new Map();
    for (const step of steps) add(carts, step);
    show(carts, 1_000 * MIN, shown);
    expect(totals(shown)).toEqual(minutes);
  });

  test('belongs to the region, platform and tier of its last change', () => {
    const carts = noCarts();
    add(carts, cart(0, { region: 0, platform: 0, tier: 0 }));
    add(carts, cart(10, { region: 1, platform: 2, tier: 3 }));
    add(carts, purchase(20, { region: 0, platform: 1, tier: 1 }));
    const shown: Shown = new Map();
    show(carts, 1_000 * MIN, shown);
    const members = [TOTAL, platformMember(2), tierMember(3), regionMember(1), regionPlatformMember(1, 2)];
    expect([...shown.keys()].sort()).toEqual(members.map((m) => `${40 * MIN}/${m}`).sort());
  });

  test('is shown when its minute begins by the append clock, not before', () => {
    const carts = noCarts();
    const shown: Shown = new Map();
    add(carts, cart(0));
    show(carts, 30 * MIN - 1, shown);
    expect(shown.size).toBe(0);
    show(carts, 30 * MIN, shown);
    expect(totals(shown)).toEqual(['30: 1/1']);
  });
});

const steps = fc.array(
  fc.record({
    slot: fc.nat({ max: 2 }),
    timeMs: fc.nat({ max: 16 }).map((n) => n * 7.5 * MIN),
    isPurchase: fc.boolean(),
    region: fc.nat({ max: 1 }),
    platform: fc.nat({ max: 1 }),
    tier: fc.nat({ max: 1 }),
  }),
  { maxLength: 14 },
);

describe('cart outcomes', () => {
  test('are what a recomputation of all steps sorted by time gives', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const carts = noCarts();
        const shown: Shown = new Map();
        for (const step of all) add(carts, step);
        show(carts, 1_000 * MIN, shown);
        expect(shown).toEqual(recomputed(all));
      }),
    );
  });

  test('end the same whatever order on-time steps arrive in', () => {
    const shuffled = fc
      .uniqueArray(fc.record({ timeMs: fc.nat({ max: 120 * MIN }), isPurchase: fc.boolean() }), {
        selector: (s) => s.timeMs,
        maxLength: 8,
      })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(
      fc.property(shuffled, (orders) => {
        const [a, b] = orders.map((order) => {
          const carts = noCarts();
          const shown: Shown = new Map();
          for (const step of order) add(carts, { ...cart(0), ...step });
          show(carts, 1_000 * MIN, shown);
          return shown;
        });
        expect(a).toEqual(b);
      }),
    );
  });

  test('stay the same through cuts, closing behind the watermark and restores at any time', () => {
    // The watermark goes on; every step is on time: at or after it.
    const record = fc.record({
      step: cartStep(),
      lagMs: fc.nat({ max: 10 }).map((n) => n * MIN),
      onMs: fc.constantFrom(0, MIN, 4 * MIN, 13 * MIN, 40 * MIN),
      after: fc.constantFrom('go on', 'cut', 'close', 'restore'),
    });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 40 }), (records) => {
        let carts = noCarts();
        const shown: Shown = new Map();
        const all: Step[] = [];
        let appendMs = 100 * MIN;
        for (const { step, lagMs, onMs, after } of records) {
          appendMs += onMs;
          const one = { ...step, timeMs: appendMs - lagMs };
          all.push(one);
          add(carts, one);
          if (after === 'go on') continue;
          show(carts, appendMs, shown);
          if (after !== 'cut') close(carts, appendMs - 10 * MIN);
          if (after === 'restore') carts = restored(carts);
        }
        show(carts, appendMs + 1_000 * MIN, shown);
        expect(shown).toEqual(recomputed(all));
      }),
    );
  });

  test('are forgotten when no step to come can bear upon them', () => {
    const carts = noCarts();
    for (let n = 0; n < 100; n++) add(carts, cart(n));
    close(carts, 90 * MIN);
    // A step at minute 90 or later has one of these beside it.
    expect(carts.steps.size).toBe([89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99].length);
    close(carts, 99 * MIN + TIMEOUT);
    expect(carts.steps.size).toBe(1);
    close(carts, 99 * MIN + TIMEOUT + 1);
    expect(carts.steps.size).toBe(0);
  });
});

function cartStep(): fc.Arbitrary<Step> {
  return fc.record({
    slot: fc.nat({ max: 2 }),
    timeMs: fc.constant(0),
    isPurchase: fc.boolean(),
    region: fc.nat({ max: 1 }),
    platform: fc.nat({ max: 1 }),
    tier: fc.nat({ max: 1 }),
  });
}

test.each([0, 15])(
  'a step that comes %i s late looks at its neighbours only, however many steps there are',
  (lateSeconds) => {
    /** How many steps are looked at for one more of somebody who has very many of them. */
    const looks = (steps: number): number => {
      const carts = noCarts();
      for (let n = 0; n < steps; n++) add(carts, cart(0, { timeMs: n * 10_000, isPurchase: n % 2 === 1 }));
      const next = vi.spyOn(SlotChains.prototype, 'next');
      try {
        add(carts, cart(0, { timeMs: (steps - 1) * 10_000 - lateSeconds * 1_000 }));
        return next.mock.calls.length;
      } finally {
        next.mockRestore();
      }
    };
    expect(looks(2_000)).toBe(looks(20));
  },
);

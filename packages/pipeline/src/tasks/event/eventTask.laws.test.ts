import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACTIONS, PLATFORMS } from '../../contracts/index.ts';
import { cells, EventRun, type Merged, merged, outputText } from '../../testing/eventRun.ts';
import {
  change,
  eventRecord,
  HOUR,
  MINUTE,
  rawEvent,
  referenceRecords,
  T0,
  tick,
  tierChange,
  uuid,
} from '../../testing/events.ts';

const onMs = fc.constantFrom(0, 0, 0, 40, 250, 1_000, 20_000, 4 * MINUTE, 21 * MINUTE);

const happening = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('event' as const),
      onMs,
      n: fc.nat({ max: 40 }),
      user: fc.nat({ max: 4 }),
      lagMs: fc.constantFrom(0, 0, 500, 30_000, 9 * MINUTE, 12 * MINUTE, HOUR, -4 * MINUTE, -6 * MINUTE),
      action: fc.constantFrom(...ACTIONS),
      platform: fc.constantFrom(...PLATFORMS),
      workspace: fc.constantFrom<string>('meridian', 'meridian', 'acme', 'nobody'),
      location: fc.constantFrom('eu-west-1', 'Virginia', '48.9,2.4', '', 'lyon'),
      amount: fc.option(fc.nat({ max: 1e9 })),
      currency: fc.constantFrom(null, 'EUR', 'USD', 'JPY'),
      broken: fc.constantFrom(false, false, false, false, false, false, true),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('tick' as const), onMs }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('tier' as const),
      onMs,
      user: fc.nat({ max: 4 }),
      tier: fc.constantFrom('free', 'gold'),
      agoMs: fc.constantFrom(0, MINUTE, 25 * HOUR),
      op: fc.constantFrom('c', 'd'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('rate' as const),
      onMs,
      rate: fc.constantFrom('0.5', '0.0061'),
      agoMs: fc.constantFrom(0, HOUR),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('region' as const),
      onMs,
      lat: fc.integer({ min: -80, max: 80 }),
      op: fc.constantFrom('c', 'd'),
    }),
  },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

function toRecord(h: Happening, atMs: number): Merged {
  switch (h.kind) {
    case 'event': {
      const record = eventRecord(
        rawEvent({
          id: uuid(h.n),
          userId: `user-${h.user}`,
          timestampMs: atMs - h.lagMs,
          action: h.action,
          platform: h.platform,
          workspaceId: h.workspace,
          location: h.location,
          amountUnits: h.amount,
          currency: h.currency,
        }),
        atMs,
      );
      return { source: 'events', record: h.broken ? { ...record, value: new Uint8Array([0, 1]) } : record };
    }
    case 'tick':
      return { source: 'events', record: tick(atMs) };
    case 'tier':
      return {
        source: 'users',
        record: tierChange(`user-${h.user}`, h.tier, { appendTimeMs: atMs, commitMs: atMs - h.agoMs, op: h.op }),
      };
    case 'rate':
      return {
        source: 'reference',
        record: change('rates', { currency: 'USD', rate: h.rate, valid_from: atMs - h.agoMs }, { appendTimeMs: atMs }),
      };
    case 'region':
      return {
        source: 'reference',
        record: change(
          'regions',
          { code: 'eu-central-9', name: 'Lyon', lat: h.lat, lng: 4.8 },
          { appendTimeMs: atMs, op: h.op },
        ),
      };
  }
}

const happenings = fc.array(happening, { maxLength: 60 });

/** The happenings as a log, merged by append time, ended by ticks far behind it. */
function logOf(all: readonly Happening[]): readonly Merged[] {
  let atMs = T0;
  const records = all.map((h) => {
    atMs += h.onMs;
    return toRecord(h, atMs);
  });
  const beta = change('workspaces', { id: 'beta', currency: 'USD' }, { appendTimeMs: T0 - HOUR });
  return [
    ...merged('reference', ...referenceRecords(T0 - HOUR), beta),
    ...records,
    ...merged('events', tick(atMs + MINUTE), tick(atMs + HOUR), tick(atMs + 3 * HOUR)),
  ];
}
const logs = happenings.map(logOf);

describe('an event task', () => {
  test('gives the same outputs to the byte however its records are batched', () => {
    fc.assert(
      fc.property(logs, fc.infiniteStream(fc.boolean()), (log, splits) => {
        const whole = outputText(new EventRun().take(log).outputs);
        const single = outputText(new EventRun().take(log, () => true).outputs);
        const split = outputText(new EventRun().take(log, () => splits.next().value === true).outputs);
        expect(single).toEqual(whole);
        expect(split).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  test('goes on with the same outputs to the byte when it is restored after any cut', () => {
    fc.assert(
      fc.property(logs, fc.infiniteStream(fc.boolean()), (log, restores) => {
        const whole = outputText(new EventRun().take(log).outputs);
        const always = outputText(new EventRun().take(log, undefined, () => true).outputs);
        const sometimes = outputText(new EventRun().take(log, undefined, () => restores.next().value === true).outputs);
        expect(always).toEqual(whole);
        expect(sometimes).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  test('accounts for every record exactly once', () => {
    fc.assert(
      fc.property(logs, (log) => {
        const { outputs } = new EventRun().take(log);
        const events = log.filter((m) => m.source === 'events' && m.record.headers === undefined);
        let sum = 0;
        for (const [key, [count = 0]] of cells(outputs)) if (key.split(' ')[1] === 'ledger') sum += count;
        expect(sum).toBe(events.length);
        const dead = outputs.flatMap((o) => o.deadLetters);
        expect(new Set(dead.map((d) => d.offset)).size).toBe(dead.length);
      }),
    );
  });

  test('never tells of a window that its watermark has passed', () => {
    const lengths: Readonly<Record<string, number>> = {
      additive: 10_000,
      active1m: MINUTE,
      active5m: 5 * MINUTE,
      active1h: HOUR,
      carts: MINUTE,
    };
    fc.assert(
      fc.property(logs, (log) => {
        let before = Number.NEGATIVE_INFINITY;
        for (const { partials } of new EventRun().take(log).outputs) {
          for (const { message } of partials)
            for (const g of message.workspaces.flatMap((w) => w.groups)) {
              const lengthMs = lengths[g.kind];
              if (lengthMs !== undefined) expect(g.startMs + lengthMs).toBeGreaterThan(before);
            }
          before = partials[0]?.message.watermarkMs ?? before;
        }
      }),
    );
  });

  test('keeps a workspace’s numbers as they are when another uses its ids and users', () => {
    const numbers = (all: readonly Happening[]): ReadonlyMap<string, readonly number[]> =>
      new Map([...cells(new EventRun().take(logOf(all)).outputs)].filter(([key]) => key.startsWith('meridian ')));
    fc.assert(
      fc.property(happenings, (all) => {
        const apart = all.map((h) =>
          h.kind === 'event' && h.workspace === 'acme'
            ? { ...h, workspace: 'beta', n: h.n + 100, user: h.user + 100 }
            : h,
        );
        expect(numbers(all)).toEqual(numbers(apart));
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ACTIONS,
  GRAIN_MS,
  GRAINS,
  memberKey,
  type PartialMessage,
  PLATFORMS,
  type RawEvent,
} from '../../contracts/index.ts';
import { hotKeys } from '../../hot/index.ts';
import { EventRun, type Merged, merged } from '../../testing/eventRun.ts';
import {
  eventRecord,
  HOUR,
  MINUTE,
  partitionOf,
  rawEvent,
  referenceRecords,
  T0,
  tick,
  uuid,
} from '../../testing/events.ts';
import { RollupRun } from '../../testing/rollupRun.ts';
import { windowStartMs } from '../../time/index.ts';

const SOURCES = 2;

const events = fc.array(
  fc.record({
    onMs: fc.constantFrom(0, 100, 5_000, 61_000, 6 * MINUTE),
    lagMs: fc.oneof(fc.nat({ max: 9 * MINUTE }), fc.constantFrom(10 * MINUTE, 10 * MINUTE - 1, 595_000)),
    user: fc.nat({ max: 5 }),
    workspace: fc.constantFrom('meridian', 'acme'),
    action: fc.constantFrom(...ACTIONS),
    platform: fc.constantFrom(...PLATFORMS.slice(0, 2)),
    location: fc.constantFrom('eu-west-1', 'us-east-1', ''),
    amount: fc.nat({ max: 1e6 }),
  }),
  { maxLength: 40 },
);

interface Counted {
  readonly event: RawEvent;
  readonly appendMs: number;
}

/** On-time events, each with an id of its own, as they reach the log. */
const logs = events.map((all) => {
  let appendMs = T0;
  return all.map((e, n): Counted => {
    appendMs += e.onMs;
    const event = rawEvent({
      id: uuid(n),
      workspaceId: e.workspace,
      userId: `user-${e.user}`,
      timestampMs: appendMs - e.lagMs,
      action: e.action,
      platform: e.platform,
      location: e.location,
      amountUnits: e.action === 'purchase' ? e.amount : null,
    });
    return { event, appendMs };
  });
});

/** The cuts of both source partitions, each in its order. */
function cutsOf(log: readonly Counted[]): readonly (readonly PartialMessage[])[] {
  const endMs = (log[log.length - 1]?.appendMs ?? T0) + MINUTE;
  return Array.from({ length: SOURCES }, (_, partition) => {
    const own = log.filter(({ event }) => partitionOf(event.userId, SOURCES, event.workspaceId) === partition);
    const records: readonly Merged[] = [
      ...merged('reference', ...referenceRecords(T0 - HOUR)),
      ...merged('events', tick(T0), ...own.map(({ event, appendMs }) => eventRecord(event, appendMs))),
      ...merged('events', tick(endMs), tick(endMs + 3 * HOUR), tick(endMs + 4 * HOUR)),
    ];
    const run = new EventRun({ partition, partitions: SOURCES, partialPartitions: 1 }).take(records);
    return run.outputs.flatMap((o) => o.partials.map((p) => p.message));
  });
}

/** Merges the sources' cuts: `pick` says which source is next. */
function interleave(cuts: readonly (readonly PartialMessage[])[], pick: () => number): readonly PartialMessage[] {
  const rest = cuts.map((c) => [...c]);
  const order: PartialMessage[] = [];
  while (rest.some((c) => c.length > 0)) {
    const left = rest.filter((c) => c.length > 0);
    const next = left[pick() % left.length]?.shift();
    if (next !== undefined) order.push(next);
  }
  return order;
}

/** Windows straight from the events: `key field` → events by action, sales, users. */
function direct(log: readonly Counted[]): ReadonlyMap<string, readonly number[]> {
  const windows = new Map<string, { counts: number[]; users: Set<string> }>();
  for (const { event } of log) {
    const region = event.location === '' ? 'unknown' : event.location;
    const members = [
      memberKey({ set: 'total' }),
      memberKey({ set: 'region', region }),
      memberKey({ set: 'platform', platform: event.platform }),
      memberKey({ set: 'tier', tier: 'unknown' }),
      memberKey({ set: 'region_platform', region, platform: event.platform }),
    ];
    for (const grain of GRAINS)
      for (const member of members) {
        const key = `${hotKeys.window(event.workspaceId, grain, windowStartMs(event.timestampMs, GRAIN_MS[grain]))} ${member}`;
        const window = windows.get(key) ?? { counts: [0, 0, 0, 0, 0], users: new Set() };
        const column = ACTIONS.indexOf(event.action);
        window.counts[column] = (window.counts[column] ?? 0) + 1;
        window.counts[4] = (window.counts[4] ?? 0) + (event.amountUnits ?? 0);
        window.users.add(event.userId);
        windows.set(key, window);
      }
  }
  return new Map(
    [...windows].map(([key, { counts, users }]) => [key, [...counts, key.includes(':10s:') ? -1 : users.size]]),
  );
}

/** The same of what the rollup wrote; windows that only carts made are left out. */
function shown(run: RollupRun): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, readonly number[]>();
  for (const [key, fields] of run.hot) {
    if (!key.includes(':w1:')) continue;
    for (const field of fields.keys()) {
      const cell = run.cell(key, field);
      if (cell === null || cell.view + cell.cart + cell.purchase + cell.login === 0) continue;
      found.set(`${key} ${field}`, [
        cell.view,
        cell.cart,
        cell.purchase,
        cell.login,
        cell.sales,
        cell.activeUsers ?? -1,
      ]);
    }
  }
  return found;
}

const picks = fc.infiniteStream(fc.nat({ max: 10 }));

describe('windows over all partitions', () => {
  test('are what a direct aggregation of all events gives, in any interleaving of the partitions’ cuts', () => {
    fc.assert(
      fc.property(logs, picks, (log, pick) => {
        const run = new RollupRun(SOURCES);
        for (const message of interleave(cutsOf(log), () => pick.next().value ?? 0)) run.take(message);
        expect(shown(run)).toEqual(direct(log));
      }),
      { numRuns: 60 },
    );
  });

  test('end the same in any interleaving, also by carts, users now and minutes of arrival', () => {
    fc.assert(
      fc.property(logs, picks, (log, pick) => {
        const cuts = cutsOf(log);
        const one = new RollupRun(SOURCES);
        one.take(...cuts.flat());
        const other = new RollupRun(SOURCES);
        for (const message of interleave(cuts, () => pick.next().value ?? 0)) other.take(message);
        const content = (run: RollupRun) =>
          [...run.hot].map(([k, f]) => [k, [...f].sort()] as const).sort(([a], [b]) => (a < b ? -1 : 1));
        expect(content(other)).toEqual(content(one));
      }),
      { numRuns: 40 },
    );
  });

  test('are the same when any stretch of cuts is replayed', () => {
    fc.assert(
      fc.property(logs, picks, fc.nat(), fc.nat(), (log, pick, a, b) => {
        const order = interleave(cutsOf(log), () => pick.next().value ?? 0);
        const from = a % (order.length + 1);
        const to = from + (b % (order.length - from + 1));
        const once = new RollupRun(SOURCES);
        for (const message of order) once.take(message);
        const twice = new RollupRun(SOURCES);
        for (const message of [...order.slice(0, to), ...order.slice(from)]) twice.take(message);
        expect(twice.hot).toEqual(once.hot);
      }),
      { numRuns: 40 },
    );
  });

  test('are the same when the task is restored and all open ones are written again, at any time', () => {
    fc.assert(
      fc.property(logs, picks, (log, pick) => {
        const order = interleave(cutsOf(log), () => pick.next().value ?? 0);
        const through = new RollupRun(SOURCES);
        const restored = new RollupRun(SOURCES);
        for (const message of order) {
          through.take(message);
          restored.take(message);
          if ((pick.next().value ?? 0) > 2) continue;
          restored.restore();
          restored.reemit();
        }
        expect(restored.hot).toEqual(through.hot);
      }),
      { numRuns: 40 },
    );
  });

  test('are final exactly when they end at or before the slowest source’s watermark, and do not change after', () => {
    fc.assert(
      fc.property(logs, picks, (log, pick) => {
        const run = new RollupRun(SOURCES);
        const watermarks = new Map<number, number | null>();
        let finalMs: number | null = null;
        for (const message of interleave(cutsOf(log), () => pick.next().value ?? 0)) {
          const writes = run.take(message);
          for (const { key } of writes) {
            const window = /:w1:(\w+):(\d+)$/.exec(key);
            const grain = GRAINS.find((g) => g === window?.[1]);
            if (grain !== undefined && finalMs !== null)
              expect(Number(window?.[2]) + GRAIN_MS[grain]).toBeGreaterThan(finalMs);
          }
          watermarks.set(message.sourcePartition, message.watermarkMs);
          const all = [...watermarks.values()];
          finalMs = all.length === SOURCES && all.every((w) => w !== null) ? Math.min(...all) : null;
          expect(run.task.finalThroughMs).toBe(finalMs);
        }
      }),
      { numRuns: 40 },
    );
  });
});

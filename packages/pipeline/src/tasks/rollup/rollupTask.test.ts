import { describe, expect, test } from 'vitest';
import type { PartialGroup, PartialMessage } from '../../contracts/index.ts';
import { EMPTY_CELL, hotKeys } from '../../hot/index.ts';
import { HOUR, MINUTE, SECOND, T0 } from '../../testing/events.ts';
import { MemorySnapshot } from '../../testing/memorySnapshot.ts';
import { RollupRun } from '../../testing/rollupRun.ts';
import { RollupTask } from '../index.ts';

const TEN_MIN = 10 * MINUTE;

/** Views in one 10 s pane of a member. */
const views = (count: number, startMs = T0, member = '*'): PartialGroup => ({
  kind: 'additive',
  startMs,
  members: [member],
  values: [count, 0, 0, 0, 0],
});
const one = (kind: PartialGroup['kind'], startMs: number, value: number, member = '*'): PartialGroup => ({
  kind,
  startMs,
  members: [member],
  values: kind === 'carts' ? [value, value] : [value],
});

/** A cut of a source at `atMs`, its watermark ten minutes behind. */
function cut(
  source: number,
  atMs: number,
  groups: readonly PartialGroup[] = [],
  over: Partial<PartialMessage> = {},
): PartialMessage {
  return {
    sourcePartition: source,
    cut: Math.floor(atMs / 250),
    part: 0,
    isLast: true,
    watermarkMs: atMs - TEN_MIN,
    appendMs: atMs,
    workspaces: groups.length === 0 ? [] : [{ workspace: 'acme', groups }],
    ...over,
  };
}

const minute = (startMs = T0): string => hotKeys.window('acme', '1m', startMs);
const progress = (runs: RollupRun): Record<string, string> =>
  Object.fromEntries(runs.hot.get(hotKeys.progress('acme')) ?? []);

describe('the rollup', () => {
  test('adds up sources and fits panes into every longer window', () => {
    const runs = new RollupRun(2);
    runs.take(cut(0, T0, [views(3), one('active1m', T0, 2), one('active5m', T0, 2), one('active1h', T0, 2)]));
    runs.take(cut(1, T0, [views(4, T0 + 50 * SECOND), one('active1m', T0, 1), one('carts', T0 + MINUTE, 1)]));
    expect(runs.cell(hotKeys.window('acme', '10s', T0), '*')).toEqual({ ...EMPTY_CELL, view: 3 });
    expect(runs.cell(hotKeys.window('acme', '10s', T0 + 50 * SECOND), '*')).toEqual({ ...EMPTY_CELL, view: 4 });
    expect(runs.cell(minute(), '*')).toEqual({ ...EMPTY_CELL, view: 7, activeUsers: 3 });
    expect(runs.cell(minute(T0 + MINUTE), '*')).toEqual({
      ...EMPTY_CELL,
      activeUsers: 0,
      cartsDue: 1,
      cartsAbandoned: 1,
    });
    const five = { ...EMPTY_CELL, view: 7, activeUsers: 2, cartsDue: 1, cartsAbandoned: 1 };
    expect(runs.cell(hotKeys.window('acme', '5m', T0), '*')).toEqual(five);
    expect(runs.cell(hotKeys.window('acme', '1h', T0), '*')).toEqual(five);
  });

  test('takes values as absolute: a later cut replaces, it does not add', () => {
    const runs = new RollupRun(1);
    runs.take(cut(0, T0, [views(3)]));
    runs.take(cut(0, T0 + SECOND, [views(5)]));
    runs.take(cut(0, T0 + 2 * SECOND, [views(4)]));
    expect(runs.cell(minute(), '*')?.view).toBe(4);
  });

  test.each<[string, PartialMessage]>([
    ['the same cut again', cut(0, T0 + SECOND, [views(99)])],
    ['an earlier cut', cut(0, T0 + SECOND - 250, [views(99)])],
    ['an earlier part of the same cut', cut(0, T0 + SECOND, [views(99)], { part: 0, isLast: false })],
  ])('ignores %s', (_, stale) => {
    const runs = new RollupRun(1);
    runs.take(cut(0, T0, [views(3)]), cut(0, T0 + SECOND, [views(5)]));
    const before = structuredClone(runs.hot);
    expect(runs.take(stale)).toEqual([]);
    expect(runs.hot).toEqual(before);
  });

  test('moves a source’s clocks with the last part of its cut only', () => {
    const runs = new RollupRun(1);
    runs.take(cut(0, T0, [views(1)]));
    runs.take(cut(0, T0 + MINUTE, [views(2)], { isLast: false }));
    expect([runs.task.asOfMs, runs.task.finalThroughMs]).toEqual([T0, T0 - TEN_MIN]);
    runs.take(cut(0, T0 + MINUTE, [views(3)], { part: 1 }));
    expect([runs.task.asOfMs, runs.task.finalThroughMs]).toEqual([T0 + MINUTE, T0 - TEN_MIN + MINUTE]);
    expect(runs.cell(minute(), '*')?.view).toBe(3);
  });

  test('knows no progress before every source was heard, and is then as far as the slowest', () => {
    const runs = new RollupRun(3);
    runs.take(cut(0, T0 + HOUR, [views(1)]));
    runs.take(cut(1, T0, []));
    expect([runs.task.asOfMs, runs.task.finalThroughMs, runs.task.watermarkMs]).toEqual([null, null, null]);
    expect(runs.outputs.map((o) => o.asOfMs)).toEqual([null]);
    expect(progress(runs)).toEqual({});
    runs.take(cut(2, T0 + MINUTE, []));
    expect([runs.task.asOfMs, runs.task.finalThroughMs, runs.task.watermarkMs]).toEqual([
      T0,
      T0 - TEN_MIN,
      T0 - TEN_MIN,
    ]);
    expect(progress(runs)).toEqual({ asOfMs: String(T0), finalThroughMs: String(T0 - TEN_MIN) });
  });

  test('calls nothing final while a source has no watermark', () => {
    const runs = new RollupRun(2);
    runs.take(cut(0, T0, [views(1)]), cut(1, T0, [], { watermarkMs: null }));
    expect(runs.task.finalThroughMs).toBeNull();
    expect(progress(runs)).toEqual({ asOfMs: String(T0), finalThroughMs: '0' });
  });

  test('skips records without value and has nothing pending', () => {
    const runs = new RollupRun(1);
    expect(runs.take()).toEqual([]);
    expect(runs.task.hasPending).toBe(false);
    expect(runs.task.asOfMs).toBeNull();
    expect(runs.reemit()).toEqual([]);
  });

  test('never mixes two workspaces with the same members', () => {
    const runs = new RollupRun(1);
    const workspaces = [
      { workspace: 'acme', groups: [views(3), one('trailing', T0, 2), one('ledger', T0, 3, 'counted')] },
      { workspace: 'meridian', groups: [views(8), one('trailing', T0, 5), one('ledger', T0, 9, 'counted')] },
    ];
    runs.take(cut(0, T0, [], { workspaces }));
    expect(runs.outputs[0]?.workspaces.map((w) => w.workspace)).toEqual(['acme', 'meridian']);
    for (const { workspace, writes } of runs.outputs[0]?.workspaces ?? [])
      for (const { key } of writes) expect(key.startsWith(`{${workspace}}:`)).toBe(true);
    for (const [workspace, view, now, counted] of [
      ['acme', 3, '2', '3'],
      ['meridian', 8, '5', '9'],
    ] as const) {
      expect(runs.cell(hotKeys.window(workspace, '1h', T0), '*')?.view).toBe(view);
      expect(runs.hot.get(hotKeys.now(workspace))?.get('*')).toBe(now);
      expect(runs.hot.get(hotKeys.ledger(workspace, T0))?.get('ebap.events.raw/counted')).toBe(counted);
    }
  });

  test('adds up the trailing users of all sources, each at its newest', () => {
    const runs = new RollupRun(2);
    runs.take(cut(0, T0, [one('trailing', T0, 4)]), cut(1, T0, [one('trailing', T0, 3)]));
    runs.take(cut(0, T0 + MINUTE, [one('trailing', T0 + MINUTE, 1)]));
    expect(runs.hot.get(hotKeys.now('acme'))?.get('*')).toBe('4');
    runs.take(cut(1, T0 + MINUTE, [one('trailing', T0 + MINUTE, 0)]));
    expect(runs.hot.get(hotKeys.now('acme'))?.get('*')).toBe('1');
  });

  test('tells trailing users anew every minute, also when they stay the same: what is not told expires', () => {
    const runs = new RollupRun(1);
    const told = (atMs: number): readonly unknown[] =>
      runs
        .take(cut(0, atMs, [views((atMs - T0) / SECOND, T0)]))
        .filter((w) => w.key === hotKeys.now('acme'))
        .map(({ field, value, expiresAtMs }) => [field, value, expiresAtMs]);
    runs.take(cut(0, T0, [one('trailing', T0, 4)]));
    expect(told(T0 + 30 * SECOND)).toEqual([]);
    expect(told(T0 + MINUTE)).toEqual([['*', '4', T0 + MINUTE + TEN_MIN]]);
    expect(told(T0 + MINUTE + SECOND)).toEqual([]);
    for (let n = 2; n <= 15; n++) told(T0 + n * MINUTE);
    expect(runs.expiresAtMs.get(hotKeys.now('acme'))).toBeGreaterThan(T0 + 15 * MINUTE);
  });

  test('tells a sum beyond the safe integers as the largest one that is exact', () => {
    const runs = new RollupRun(1);
    const sales = (startMs: number): PartialGroup => ({ ...views(0, startMs), values: [0, 0, 1, 0, 9e15] });
    runs.take(cut(0, T0, [sales(T0)]), cut(0, T0 + SECOND, [sales(T0 + 10 * SECOND)]));
    expect(runs.cell(minute(), '*')).toMatchObject({ purchase: 2, sales: Number.MAX_SAFE_INTEGER });
    expect(runs.cell(hotKeys.window('acme', '10s', T0), '*')?.sales).toBe(9e15);
  });

  test('writes windows with their absolute expiry', () => {
    const runs = new RollupRun(1);
    const writes = runs.take(cut(0, T0, [views(1)]));
    const expiry = (key: string): number | undefined => writes.find((w) => w.key === key)?.expiresAtMs;
    expect(expiry(hotKeys.window('acme', '10s', T0))).toBe(T0 + 10 * SECOND + 2 * HOUR);
    expect(expiry(hotKeys.window('acme', '1h', T0))).toBe(T0 + HOUR + 24 * HOUR);
    expect(expiry(hotKeys.progress('acme'))).toBe(T0 + 24 * HOUR);
  });

  test('refuses bytes that are no partial', () => {
    const runs = new RollupRun(1);
    const bytes = new Uint8Array([1, 2, 3]);
    const batch = { ...emptyBatch(), count: 1, bytes, valueStarts: Int32Array.of(0), valueEnds: Int32Array.of(3) };
    expect(() => runs.task.step(0, batch, 0, 1)).toThrowError(expect.objectContaining({ code: 'corrupt_data' }));
    const tick = { ...batch, valueStarts: Int32Array.of(-1), valueEnds: Int32Array.of(-1) };
    expect(runs.task.step(0, tick, 0, 1)).toEqual({ next: 1, outputs: null });
  });
});

describe('another number of partitions is refused:', () => {
  const mismatch = expect.objectContaining({ code: 'topic_mismatch', retryable: false });

  test('a partial of a source partition that does not exist', () => {
    const runs = new RollupRun(2);
    runs.take(cut(0, T0, [views(1)]), cut(1, T0, [views(1)]));
    expect(() => runs.take(cut(2, T0, [views(1)]))).toThrowError(mismatch);
  });

  test.each([1, 3])('state of two source partitions where there are %s', (sources) => {
    const runs = new RollupRun(2);
    runs.take(cut(0, T0, [views(1)]), cut(1, T0, [views(1)]));
    const snapshot = new MemorySnapshot();
    runs.task.snapshot(snapshot);
    expect(() => RollupTask.restore({ partition: 0, sources }, snapshot)).toThrowError(mismatch);
    expect(RollupTask.restore({ partition: 0, sources: 2 }, snapshot).asOfMs).toBe(T0);
  });
});

describe('what is still open', () => {
  const later = T0 + TEN_MIN + 2 * MINUTE;

  test('is all written again by a reemit, with the progress', () => {
    const runs = new RollupRun(1);
    runs.take(cut(0, T0, [views(1), one('active1m', T0, 1), one('trailing', T0, 1), one('ledger', T0, 1, 'counted')]));
    runs.take(cut(0, T0 + SECOND, [views(2, T0 + 10 * SECOND), one('carts', T0 + MINUTE, 1)]));
    const whole = structuredClone(runs.hot);
    runs.hot.clear();
    runs.reemit();
    expect(runs.hot).toEqual(whole);
  });

  test('stays until outputs told its final value, and is gone with the step after', () => {
    const runs = new RollupRun(1);
    runs.take(cut(0, T0, [views(1)]));
    runs.take(cut(0, later, [views(1, later - MINUTE)]));
    expect(progress(runs).finalThroughMs).toBe(String(T0 + 2 * MINUTE));
    const keys = (): readonly string[] => [...new Set(runs.reemit().map((w) => w.key))];
    expect(keys()).toContain(minute());
    runs.take(cut(0, later + SECOND, []));
    const open = keys();
    expect(open).not.toContain(minute());
    expect(open).not.toContain(hotKeys.window('acme', '10s', T0));
    expect(open).toContain(hotKeys.window('acme', '1h', T0));
    expect(open).toContain(minute(T0 + 11 * MINUTE));
  });

  test('stays while the slowest source is one millisecond before its end', () => {
    const runs = new RollupRun(1);
    const endsMs = T0 + MINUTE;
    runs.take(cut(0, T0, [views(1)]));
    runs.take(cut(0, endsMs + TEN_MIN - 1, [views(1, T0 + 10 * SECOND)]));
    runs.take(cut(0, endsMs + TEN_MIN, [views(3, T0 + 50 * SECOND)], { watermarkMs: endsMs - 1 }));
    expect(runs.cell(minute(), '*')?.view).toBe(5);
    expect(runs.reemit().map((w) => w.key)).toContain(minute());
  });

  test('of an hour keeps what its forgotten panes brought', () => {
    const runs = new RollupRun(1);
    runs.take(cut(0, T0, [views(1)]));
    runs.take(cut(0, later, [views(1, T0 + 11 * MINUTE)]));
    runs.take(cut(0, later + SECOND, [views(5, T0 + 11 * MINUTE)]));
    expect(runs.cell(hotKeys.window('acme', '1h', T0), '*')?.view).toBe(6);
  });

  test('keeps minutes of arrival until every source has passed them', () => {
    const runs = new RollupRun(2);
    const ledgerKeys = (): readonly string[] =>
      [...new Set(runs.reemit().map((w) => w.key))].filter((k) => k.includes('ledger'));
    const arrived = (n: number): PartialGroup => one('ledger', T0, n, 'counted');
    runs.take(cut(0, T0, [arrived(1)]), cut(1, T0, [arrived(1)]));
    runs.take(cut(0, later, []));
    runs.take(cut(0, later + SECOND, []));
    expect(ledgerKeys()).toEqual([hotKeys.ledger('acme', T0)]);
    runs.take(cut(1, T0 + 59 * SECOND, [arrived(4)]));
    expect(runs.hot.get(hotKeys.ledger('acme', T0))?.get('ebap.events.raw/counted')).toBe('5');
    runs.take(cut(1, later, []));
    runs.take(cut(1, later + SECOND, []));
    expect(ledgerKeys()).toEqual([]);
  });
});

function emptyBatch() {
  return {
    topic: 'ebap.windows.partial',
    partition: 0,
    count: 0,
    offsets: Float64Array.of(0),
    appendTimesMs: Float64Array.of(T0),
    bytes: new Uint8Array(0),
    keyStarts: Int32Array.of(-1),
    keyEnds: Int32Array.of(-1),
    valueStarts: Int32Array.of(-1),
    valueEnds: Int32Array.of(-1),
    ticks: new Uint8Array(1),
    headers: new Map(),
    nextOffset: 1,
    endOffset: 1,
    readThroughMs: T0,
  };
}

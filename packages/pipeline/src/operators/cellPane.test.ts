import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { requireSection } from '../state/index.ts';
import { throughBytes } from '../testing/memorySnapshot.ts';
import { CellPane, PaneSeries } from './index.ts';

const adds = fc.array(fc.tuple(fc.nat({ max: 50 }), fc.nat({ max: 1 }), fc.integer({ min: -5, max: 1_000 })));

describe('a pane of cells', () => {
  test('adds up per member and column like a plain map, whatever size it began with', () => {
    fc.assert(
      fc.property(adds, fc.nat({ max: 10 }), (changes, members) => {
        const pane = new CellPane(2, members);
        const model = new Map<string, number>();
        for (const [member, column, amount] of changes) {
          pane.add(member, column, amount);
          model.set(`${member}/${column}`, (model.get(`${member}/${column}`) ?? 0) + amount);
        }
        for (let m = 0; m <= 51; m++) for (const c of [0, 1]) expect(pane.get(m, c)).toBe(model.get(`${m}/${c}`) ?? 0);
        expect(pane.takeDirty()).toEqual([...new Set(changes.map(([m]) => m))].sort((a, b) => a - b));
        expect(pane.isDirty).toBe(false);
        expect(pane.takeDirty()).toEqual([]);
      }),
    );
  });

  test('tells a member once per cut, and again when it changes again', () => {
    const pane = new CellPane(1, 4);
    pane.add(3, 0, 1);
    pane.add(3, 0, 1);
    expect(pane.takeDirty()).toEqual([3]);
    pane.add(3, 0, -2);
    expect(pane.takeDirty()).toEqual([3]);
    expect(pane.get(3, 0)).toBe(0);
  });

  test('is restored with its values, and with all members to tell again if asked', () => {
    fc.assert(
      fc.property(adds, (changes) => {
        const pane = new CellPane(2, 4);
        for (const change of changes) pane.add(...change);
        const sections = throughBytes([{ name: 'pane', head: {}, columns: [...pane.toColumns()] }]);
        const restored = CellPane.fromSection(requireSection(sections, 'pane'), 0, 2);
        for (let m = 0; m <= 51; m++) for (const c of [0, 1]) expect(restored.get(m, c)).toBe(pane.get(m, c));
        expect(restored.isDirty).toBe(false);
        restored.markAllDirty();
        restored.markAllDirty();
        expect(restored.takeDirty()).toEqual(pane.takeDirty());
      }),
    );
  });
});

describe('a series of panes', () => {
  const changed = (series: PaneSeries, upToMs = Number.POSITIVE_INFINITY): readonly (readonly [number, number])[] => {
    const found: (readonly [number, number])[] = [];
    series.takeDirty(upToMs, (startMs, pane) => {
      for (const m of pane.takeDirty()) found.push([startMs, pane.get(m, 0)]);
    });
    return found;
  };

  test('visits what changed since the last cut, oldest first', () => {
    const series = new PaneSeries(1, 10_000);
    series.at(25_000, 1).add(0, 0, 1);
    series.at(9_999, 1).add(0, 0, 2);
    series.at(29_999, 1).add(0, 0, 4);
    expect(changed(series)).toEqual([
      [0, 2],
      [20_000, 5],
    ]);
    expect(changed(series)).toEqual([]);
    series.at(20_000, 1).add(0, 0, 1);
    expect(changed(series)).toEqual([[20_000, 6]]);
  });

  test('keeps panes ahead of the cut for later', () => {
    const series = new PaneSeries(1, 60_000);
    series.at(120_000, 1).add(0, 0, 1);
    expect(changed(series, 119_999)).toEqual([]);
    expect(changed(series, 120_000)).toEqual([[120_000, 1]]);
  });

  test('drops a pane when the watermark reaches its end and not before', () => {
    const series = new PaneSeries(1, 60_000);
    series.at(0, 1).add(0, 0, 1);
    series.close(59_999);
    expect(series.get(0)?.get(0, 0)).toBe(1);
    series.close(60_000);
    expect(series.get(0)).toBeUndefined();
    expect(series.open).toBe(0);
    expect(changed(series)).toEqual([]);
  });

  test('opens a new pane after a close, not the dropped one', () => {
    const series = new PaneSeries(1, 10_000);
    series.at(5_000, 1).add(0, 0, 7);
    series.close(10_000);
    series.at(5_000, 1).add(0, 0, 1);
    expect(series.get(0)?.get(0, 0)).toBe(1);
  });

  test('is restored at any time with its panes and with what is still to be told', () => {
    const step = fc.tuple(
      fc.nat({ max: 99_999 }),
      fc.nat({ max: 3 }),
      fc.constantFrom('add', 'add', 'add', 'cut', 'close', 'restore'),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let series = new PaneSeries(1, 10_000);
        const twin = new PaneSeries(1, 10_000);
        for (const [timeMs, member, kind] of steps) {
          for (const s of [series, twin]) {
            if (kind === 'add') s.at(timeMs, 1).add(member, 0, 1);
            if (kind === 'close') s.close(timeMs / 4);
          }
          if (kind === 'cut') expect(changed(series, timeMs)).toEqual(changed(twin, timeMs));
          if (kind !== 'restore') continue;
          // A snapshot follows a cut: only panes ahead of it are still to be told.
          expect(changed(series, 50_000)).toEqual(changed(twin, 50_000));
          series = PaneSeries.fromSection(requireSection(throughBytes([series.toSection('s')]), 's'), 1, 10_000);
        }
        for (let startMs = 0; startMs < 100_000; startMs += 10_000)
          for (let m = 0; m < 4; m++)
            expect(series.get(startMs)?.get(m, 0) ?? 0).toBe(twin.get(startMs)?.get(m, 0) ?? 0);
        expect(series.open).toBe(twin.open);
      }),
    );
  });
});

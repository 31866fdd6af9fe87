import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowWindow } from './feed/virtualRows.ts';
import { matchCommands } from './palette/matchCommands.ts';
import { initials } from './shell/model.ts';
import { sortRows, type TableData, toCsv } from './table/tableData.ts';
import { parseThemeChoice } from './theme/themeChoice.ts';
import { fromZonedInput, toZonedInput } from './time/zonedInput.ts';
import { fileStem } from './util/download.ts';

describe('virtual rows', () => {
  const base = { rowPx: 24, viewportPx: 240, overscanRows: 2 };

  it('renders what is visible and a little more', () => {
    expect(rowWindow({ ...base, rowCount: 1_000, extraPx: new Map(), scrollTopPx: 2_400 })).toEqual({
      start: 98,
      end: 113,
      offsetPx: 2_352,
      totalPx: 24_000,
    });
  });

  it('an open row pushes those below it down', () => {
    const open = rowWindow({ ...base, rowCount: 100, extraPx: new Map([[1, 72]]), scrollTopPx: 0 });
    expect(open.totalPx).toBe(2_472);
    expect(open.end).toBe(10);
  });

  it('the window always covers the viewport', () => {
    fc.assert(
      fc.property(
        fc.nat(500),
        fc.nat(20_000),
        fc.array(fc.tuple(fc.nat(499), fc.nat(200))),
        (rowCount, scrollTopPx, extras) => {
          const view = rowWindow({ ...base, rowCount, extraPx: new Map(extras), scrollTopPx });
          expect(view.offsetPx).toBeLessThanOrEqual(
            Math.max(scrollTopPx, 0) + (view.start === rowCount ? view.totalPx : 0),
          );
          expect(view.end).toBeLessThanOrEqual(rowCount);
        },
      ),
    );
  });
});

describe('commands', () => {
  const commands = [
    { id: '1', group: 'Range', label: 'Last 15 minutes' },
    { id: '2', group: 'Go to', label: 'Pipeline', keywords: 'lag watermark' },
    { id: '3', group: 'Panel', label: 'Events by platform' },
  ];

  it('all are there before anything is typed', () => expect(matchCommands('  ', commands)).toHaveLength(3));

  it('the start of a label beats its middle, and words beat keywords', () => {
    expect(matchCommands('p', commands).map((command) => command.id)).toEqual(['2', '3']);
    expect(matchCommands('lag', commands).map((command) => command.id)).toEqual(['2']);
  });

  it('every typed word must match', () => expect(matchCommands('last week', commands)).toEqual([]));
});

describe('tables', () => {
  const data: TableData = {
    caption: 'Regions',
    columns: [
      { key: 'name', title: 'Region' },
      { key: 'rate', title: 'Events, per s' },
    ],
    rows: [
      {
        key: 'a',
        cells: [
          { value: '=cmd()', text: '=cmd()' },
          { value: 12.5, text: '12.5' },
        ],
      },
      {
        key: 'b',
        cells: [
          { value: 'São "P"', text: 'São "P"' },
          { value: null, text: '–' },
        ],
      },
      {
        key: 'c',
        cells: [
          { value: 'eu-2', text: 'eu-2' },
          { value: -3, text: '−3' },
        ],
      },
    ],
  };

  it('CSV quotes, leaves unknown empty and defuses formulas, but not negative numbers', () => {
    expect(toCsv(data)).toBe('Region,"Events, per s"\r\n\'=cmd(),12.5\r\n"São ""P""",\r\neu-2,-3\r\n');
  });

  it('unknown values sort last in both directions', () => {
    const keys = (direction: 'ascending' | 'descending') =>
      sortRows(data.rows, { column: 1, direction }).map((row) => row.key);
    expect([keys('ascending'), keys('descending')]).toEqual([
      ['c', 'a', 'b'],
      ['a', 'c', 'b'],
    ]);
  });
});

describe('small things', () => {
  it('initials are first and last', () => {
    expect(['Ivana Marić', 'demo', 'a.b@c', ''].map(initials)).toEqual(['IM', 'DE', 'AC', '?']);
  });

  it('an unknown theme follows the device', () => {
    expect(['dark', 'light', 'blue', undefined].map(parseThemeChoice)).toEqual(['dark', 'light', 'system', 'system']);
  });

  it('file names are plain', () => expect(fileStem('Orders & abandonment (1 h)')).toBe('orders-abandonment-1-h'));

  it('local inputs mean their zone, in summer and winter', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2026, 10, 1), max: Date.UTC(2027, 1, 1) }), (timeMs) => {
        const minute = Math.floor(timeMs / 60_000) * 60_000;
        expect(fromZonedInput(toZonedInput(minute, 'Asia/Kolkata'), 'Asia/Kolkata')).toBe(minute);
        expect(fromZonedInput(toZonedInput(minute, 'Europe/Berlin'), 'Europe/Berlin')).toBe(minute);
      }),
    );
    expect(fromZonedInput('yesterday', 'UTC')).toBeNull();
  });
});

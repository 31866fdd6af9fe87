import { formatClock, formatDay, zoneName } from '../format/time.ts';
import type { TableCell, TableData } from '../table/tableData.ts';
import { finalSteps, stepStartMs, type TimeChartModel } from './model.ts';

/** A chart's data as rows, newest first: the same numbers, for tables and CSV. */
export function chartTable(model: TimeChartModel, caption: string, zone: string): TableData {
  const columns = model.plots.flatMap((plot) => plot.series.map((series) => ({ plot, series })));
  const firstOpen = finalSteps(model);
  const indices = Array.from({ length: model.steps }, (_, index) => model.steps - 1 - index);
  return {
    caption,
    columns: [
      { key: 'time', title: `Time, ${zoneName(model.startMs, zone)}` },
      ...columns.map(({ series }) => ({ key: series.key, title: headingCase(series.name), align: 'end' as const })),
      { key: 'final', title: 'State', isSecondary: true },
    ],
    rows: indices.map((index) => ({
      key: String(index),
      cells: [
        timeCell(stepStartMs(model, index), zone),
        ...columns.map(({ plot, series }): TableCell => {
          const value = series.values[index] ?? null;
          return { value, text: plot.formatValue(value) };
        }),
        index < firstOpen ? { value: 'final', text: 'final' } : { value: 'provisional', text: 'provisional' },
      ],
    })),
  };
}

/** A name as a column's title: `Abandonment, 15 min`. Names with capitals of their own stay: `iOS`. */
function headingCase(name: string): string {
  const [first = ''] = name.split(' ', 1);
  return first === first.toLowerCase() ? name.charAt(0).toUpperCase() + name.slice(1) : name;
}

function timeCell(timeMs: number, zone: string): TableCell {
  return { value: new Date(timeMs).toISOString(), text: `${formatDay(timeMs, zone)}, ${formatClock(timeMs, zone)}` };
}

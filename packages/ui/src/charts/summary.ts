import { formatClock, formatSpan, zoneName } from '../format/time.ts';
import { beforeDataWords } from './Grounds.tsx';
import { endMs, lastKnown, stepStartMs, type TimeChartModel } from './model.ts';

/** A chart in a few sentences, for people who hear it: range, and per series the newest, lowest and highest value. */
export function chartSummary(model: TimeChartModel, zone: string): string {
  const span = `${formatSpan(model.startMs, endMs(model), zone)} ${zoneName(model.startMs, zone)}`;
  const sentences = model.plots.flatMap((plot) =>
    plot.series.map((series) => {
      const last = lastKnown(series.values);
      if (last < 0) return `${series.name}: no data.`;
      const known = series.values.filter((value) => value !== null);
      const at = formatClock(stepStartMs(model, last), zone);
      const low = plot.formatValue(Math.min(...known));
      const high = plot.formatValue(Math.max(...known));
      return `${series.name}: ${plot.formatValue(series.values[last] ?? null)} at ${at}, between ${low} and ${high}.`;
    }),
  );
  const before = beforeDataWords(model, zone);
  return `${span}${before ? `, ${before}` : ''}. ${sentences.join(' ')}`;
}

/** All values of one step, as said when the keyboard moves the cursor. */
export function stepWords(model: TimeChartModel, index: number, zone: string): string {
  const values = model.plots.flatMap((plot) =>
    plot.series.map((series) => `${series.name} ${plot.formatValue(series.values[index] ?? null)}`),
  );
  return `${formatClock(stepStartMs(model, index), zone)} ${zoneName(stepStartMs(model, index), zone)}: ${values.join(', ')}`;
}

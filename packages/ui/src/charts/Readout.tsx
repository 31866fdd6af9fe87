'use client';
import { formatClock, formatClockWithZone, formatDay } from '../format/time.ts';
import css from './charts.module.css';
import { type CursorStore, useCursorTimeMs } from './cursor.ts';
import { endMs, finalSteps, lastKnown, stepAt, stepStartMs, type TimeChartModel } from './model.ts';
import { seriesCss } from './palette.ts';

/** A series may be known this many steps later than another and still be read with it. */
const LAGGING_STEPS = 3;

/** The row under a chart's title: the values at the cursor, or the newest. It is also the legend. */
export function Readout(props: {
  readonly model: TimeChartModel;
  readonly zone: string;
  readonly cursor: CursorStore;
}) {
  const { model, zone, cursor } = props;
  const cursorMs = useCursorTimeMs(cursor);
  const index = (cursorMs === null ? null : stepAt(model, cursorMs)) ?? newestStep(model);
  const hasProvisional = finalSteps(model) < model.steps;
  return (
    <div className={css.readout}>
      <b className={css.readoutTime}>{index < 0 ? '' : formatClockWithZone(stepStartMs(model, index), zone)}</b>
      {model.plots.flatMap((plot) =>
        plot.series.map((series) => (
          <span key={`${plot.key}/${series.key}`}>
            <i
              className={series.mark === 'line' ? css.keyLine : css.keyBlock}
              style={{ background: seriesCss(series.colour) }}
            />
            {series.name} <b>{plot.formatValue(series.values[index] ?? null)}</b>
          </span>
        )),
      )}
      {hasProvisional && (
        <span className={css.readoutProvisional}>
          <i />
          {provisionalWords(model, zone)}
        </span>
      )}
    </div>
  );
}

function provisionalWords(model: TimeChartModel, zone: string): string {
  const sinceMs = Math.max(model.finalThroughMs, model.startMs);
  if (model.finalThroughMs <= model.startMs) return 'all provisional';
  const isOtherDay = formatDay(sinceMs, zone) !== formatDay(endMs(model), zone);
  return `provisional after ${isOtherDay ? `${formatDay(sinceMs, zone)}, ` : ''}${formatClock(sinceMs, zone)}`;
}

/** The newest step that all series know; one that ended long ago does not hold the others back. */
function newestStep(model: TimeChartModel): number {
  const known = model.plots.flatMap((plot) => plot.series.map((series) => lastKnown(series.values)));
  const newest = Math.max(-1, ...known);
  return Math.min(newest, ...known.filter((index) => index >= 0 && index >= newest - LAGGING_STEPS));
}

import { formatClock, formatDay } from '../format/time.ts';
import css from './charts.module.css';
import { type ChartGeometry, timeToX } from './geometry.ts';
import { dataBeginsMs, endMs, lastKnown, type TimeChartModel } from './model.ts';

interface GroundProps {
  readonly model: TimeChartModel;
  readonly geometry: ChartGeometry;
}

/** Hatching under what is not final. */
export function ProvisionalGround({ model, geometry }: GroundProps) {
  if (model.finalThroughMs >= geometry.toMs) return null;
  const begin = Math.max(model.finalThroughMs, dataBeginsMs(model) ?? geometry.fromMs, geometry.fromMs);
  const left = timeToX(geometry, begin);
  return <div className={css.provisional} style={{ left, width: geometry.right - left, height: geometry.bottom }} />;
}

/** The stretch before the first data, and what has no value yet, in words: neither is to look like a fault. */
export function EmptyGround({ model, geometry, zone }: GroundProps & { readonly zone: string }) {
  const words = beforeDataWords(model, zone);
  const width = timeToX(geometry, dataBeginsMs(model) ?? geometry.fromMs) - geometry.left;
  const lowestTop = geometry.boxes.at(-1)?.top ?? 0;
  return (
    <>
      {words && (
        <div
          className={css.beforeData}
          style={{ left: geometry.left, width: Math.max(0, width), height: geometry.bottom, paddingTop: lowestTop }}
          aria-hidden="true"
        >
          <span>{words}</span>
        </div>
      )}
      {geometry.boxes.map(({ plot, top, bottom }) =>
        plot.emptyNote && plot.series.every((series) => lastKnown(series.values) < 0) ? (
          <p
            key={plot.key}
            className={css.emptyNote}
            style={{ left: geometry.left, width: geometry.right - geometry.left, top, height: bottom - top }}
          >
            <span>{plot.emptyNote}</span>
          </p>
        ) : null,
      )}
    </>
  );
}

/** `no data before 11:06`, with the day where the chart spans two; null if the chart begins with data. */
export function beforeDataWords(model: TimeChartModel, zone: string): string | null {
  const beginMs = dataBeginsMs(model);
  if (beginMs === null) return null;
  const isOtherDay = formatDay(beginMs, zone) !== formatDay(endMs(model) - 1, zone);
  return `no data before ${isOtherDay ? `${formatDay(beginMs, zone)}, ` : ''}${formatClock(beginMs, zone)}`;
}

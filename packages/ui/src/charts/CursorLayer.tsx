'use client';
import css from './charts.module.css';
import { type CursorStore, useCursorTimeMs } from './cursor.ts';
import { type ChartGeometry, timeToX, valueToY } from './geometry.ts';
import { stepAt, stepMiddleMs, type TimeChartModel } from './model.ts';
import { seriesCss } from './palette.ts';

/** The cursor's line and its points on this chart; the only part that renders when the cursor moves. */
export function CursorLayer(props: {
  readonly model: TimeChartModel;
  readonly geometry: ChartGeometry;
  readonly cursor: CursorStore;
}) {
  const { model, geometry, cursor } = props;
  const cursorMs = useCursorTimeMs(cursor);
  const index = cursorMs === null ? null : stepAt(model, cursorMs);
  if (index === null) return null;
  const x = timeToX(geometry, stepMiddleMs(model, index));
  return (
    <svg className={css.cursorLayer} width={geometry.size.width} height={geometry.size.height} aria-hidden="true">
      <line x1={Math.round(x) + 0.5} x2={Math.round(x) + 0.5} y1={0} y2={geometry.bottom} className={css.cursorLine} />
      {geometry.boxes.flatMap((box) =>
        box.plot.series.map((series, place) => {
          const value = box.drawn[place]?.[index];
          if (value === null || value === undefined || series.mark === 'bars') return null;
          return (
            <circle
              key={`${box.plot.key}/${series.key}`}
              cx={x}
              cy={valueToY(box, value)}
              r={2.8}
              fill={series.colour === 'ink' ? 'var(--surface-1)' : seriesCss(series.colour)}
              stroke={seriesCss(series.colour)}
              strokeWidth={1.4}
            />
          );
        }),
      )}
    </svg>
  );
}

import css from './charts.module.css';
import { type ChartGeometry, valueToY } from './geometry.ts';
import { layoutLabels } from './labelLayout.ts';
import { lastKnown } from './model.ts';

const LABEL_PX = 15;
const LABEL_GAP_PX = 11;

export interface EndLabel {
  readonly key: string;
  readonly value: string;
  readonly name: string;
  readonly y: number;
}

/** The label of each series at its line's end, moved apart where lines end close together. */
export function endLabels(geometry: ChartGeometry): readonly EndLabel[] {
  if (geometry.isNarrow) return [];
  return geometry.boxes.flatMap((box) => {
    const wishes = box.plot.series.flatMap((series, place) => {
      const index = lastKnown(series.values);
      const drawn = box.drawn[place]?.[index];
      if (index < 0 || drawn === null || drawn === undefined) return [];
      return [{ series, value: series.values[index] ?? null, y: valueToY(box, drawn), height: LABEL_PX }];
    });
    const centres = layoutLabels(wishes, box.top - LABEL_PX / 2, box.bottom + LABEL_PX / 2);
    return wishes.map((wish, place) => ({
      key: `${box.plot.key}/${wish.series.key}`,
      value: (box.plot.formatLabel ?? box.plot.formatValue)(wish.value),
      name: wish.series.shortName ?? wish.series.name,
      y: centres[place] ?? wish.y,
    }));
  });
}

export function EndLabels({ geometry }: { readonly geometry: ChartGeometry }) {
  return (
    <div className={css.labels} style={{ left: geometry.right + LABEL_GAP_PX }} aria-hidden="true">
      {endLabels(geometry).map((label) => (
        <span key={label.key} style={{ transform: `translateY(${(label.y - LABEL_PX / 2).toFixed(1)}px)` }}>
          <b>{label.value}</b> {label.name}
        </span>
      ))}
    </div>
  );
}

'use client';
import { useSize } from '../util/useSize.ts';
import css from './charts.module.css';
import { lastKnown } from './model.ts';
import { project } from './valueScale.ts';

const PAD_X_PX = 3;
const PAD_Y_PX = 5;
const UNKNOWN_GAP_PX = 4;
const LONE_DOT_R_PX = 2;
/** A line fills its place from its beginning on, but never shows fewer steps than this. */
const FEWEST_STEPS = 15;

/**
 * A line without axes, in ink; its last point is hollow, a single one a dot, and what is not known yet a dotted base.
 * Decorative: the number beside it says the value.
 */
export function Sparkline({ values }: { readonly values: readonly (number | null)[] }) {
  const [ref, size] = useSize<HTMLDivElement>();
  return (
    <div ref={ref} className={css.spark} aria-hidden="true">
      {size && <SparkPath values={sinceBeginning(values)} width={size.width} height={size.height} />}
    </div>
  );
}

function SparkPath(props: {
  readonly values: readonly (number | null)[];
  readonly width: number;
  readonly height: number;
}) {
  const { values, width, height } = props;
  const known = values.filter((value) => value !== null);
  const last = lastKnown(values);
  const first = values.findIndex((value) => value !== null);
  const low = Math.min(...known);
  const high = Math.max(...known);
  const x = (index: number) => project(index, 0, Math.max(1, values.length - 1), PAD_X_PX, width - PAD_X_PX);
  const y = (value: number) => (high === low ? height / 2 : project(value, low, high, height - PAD_Y_PX, PAD_Y_PX));
  return (
    <svg width={width} height={height} aria-hidden="true">
      {first !== 0 && (
        <line
          x1={PAD_X_PX}
          x2={first < 0 ? width - PAD_X_PX : Math.max(PAD_X_PX, x(first) - UNKNOWN_GAP_PX)}
          y1={height - PAD_Y_PX}
          y2={height - PAD_Y_PX}
          stroke="var(--border-2)"
          strokeDasharray="1 4"
        />
      )}
      <path d={sparkPath(values, x, y)} fill="none" stroke="var(--ink)" strokeWidth="1.4" strokeLinejoin="round" />
      {last >= 0 && (
        <circle
          cx={x(last)}
          cy={y(values[last] ?? 0)}
          r={known.length === 1 ? LONE_DOT_R_PX : 2.6}
          fill={known.length === 1 ? 'var(--ink)' : 'var(--surface-1)'}
          stroke="var(--ink)"
          strokeWidth={known.length === 1 ? 0 : 1.4}
        />
      )}
    </svg>
  );
}

/** Without the unknown stretch before the first value, as far as enough steps remain. */
export function sinceBeginning(values: readonly (number | null)[]): readonly (number | null)[] {
  const first = values.findIndex((value) => value !== null);
  return first < 0 ? values : values.slice(Math.max(0, Math.min(first, values.length - FEWEST_STEPS)));
}

/** SVG path through the known values; a gap lifts the pen. */
export function sparkPath(
  values: readonly (number | null)[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  let path = '';
  let isPenDown = false;
  values.forEach((value, index) => {
    if (value === null) {
      isPenDown = false;
      return;
    }
    path += `${isPenDown ? 'L' : 'M'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    isPenDown = true;
  });
  return path;
}

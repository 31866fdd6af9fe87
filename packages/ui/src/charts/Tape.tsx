'use client';
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { formatClockWithZone } from '../format/time.ts';
import { type Size, useSize } from '../util/useSize.ts';
import { lastKnown } from './model.ts';
import { sparkPath } from './Sparkline.tsx';
import css from './tape.module.css';
import { moveStretch, type TapeGrip, type TimeStretch } from './tapeModel.ts';
import { timeTicks } from './timeTicks.ts';
import { project } from './valueScale.ts';

const AXIS_PX = 16;
const TOP_PX = 8;
const TICK_WIDTH_PX = 76;
/** The least that a finger needs (WCAG 2.2, target size). */
const GRIP_PX = 24;
const GRIP_INSIDE_PX = 5;
const KEY_STEP_MS = 5 * 60_000;

export interface TapeProps {
  /** The overview series, `values[i]` at startMs + i·stepMs; empty while loading. */
  readonly startMs: number;
  readonly stepMs: number;
  readonly values: readonly (number | null)[];
  /** All that the tape spans. */
  readonly bounds: TimeStretch;
  /** The stretch the page shows. */
  readonly stretch: TimeStretch;
  readonly zone: string;
  readonly onChange: (stretch: TimeStretch) => void;
}

/** The page's overview: a long strip of one series with the shown stretch on it, to drag, resize and move by keys. */
export function Tape(props: TapeProps) {
  const { bounds, zone, onChange } = props;
  const [ref, size] = useSize<HTMLDivElement>();
  const [draft, setDraft] = useState<TimeStretch | null>(null);
  const drag = useRef<{ grip: TapeGrip; startX: number; from: TimeStretch } | null>(null);
  const stretch = draft ?? props.stretch;
  const msPerPx = size ? (bounds.toMs - bounds.fromMs) / size.width : 0;
  const x = (timeMs: number) => project(timeMs, bounds.fromMs, bounds.toMs, 0, size?.width ?? 0);

  const grab = (grip: TapeGrip) => (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { grip, startX: event.clientX, from: stretch };
  };
  const pull = (event: PointerEvent<HTMLElement>) => {
    if (!drag.current) return;
    const { grip, startX, from } = drag.current;
    setDraft(moveStretch(from, grip, (event.clientX - startX) * msPerPx, bounds));
  };
  const drop = () => {
    drag.current = null;
    if (draft) onChange(draft);
    setDraft(null);
  };
  const keys = (grip: TapeGrip) => (event: KeyboardEvent<HTMLElement>) => {
    const direction = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (direction === 0) return;
    event.preventDefault();
    onChange(moveStretch(stretch, grip, direction * KEY_STEP_MS * (event.shiftKey ? 12 : 1), bounds));
  };
  const gripProps = (grip: TapeGrip) => ({
    onPointerDown: grab(grip),
    onPointerMove: pull,
    onPointerUp: drop,
    onPointerCancel: drop,
    onKeyDown: keys(grip),
  });
  const jump = (event: PointerEvent<HTMLElement>) => {
    const lengthMs = stretch.toMs - stretch.fromMs;
    const atMs = bounds.fromMs + (event.clientX - event.currentTarget.getBoundingClientRect().left) * msPerPx;
    onChange(moveStretch({ fromMs: atMs - lengthMs / 2, toMs: atMs + lengthMs / 2 }, 'move', 0, bounds));
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a border and a legend of its own
    <div ref={ref} className={css.tape} role="group" aria-label="Range on the last 24 hours" onPointerUp={jump}>
      {size && <TapePicture {...props} stretch={stretch} size={size} />}
      {size && (
        <>
          <div
            className={css.window}
            style={{ left: x(stretch.fromMs), width: Math.max(2, x(stretch.toMs) - x(stretch.fromMs)) }}
            {...gripProps('move')}
            onPointerUp={(event) => {
              event.stopPropagation();
              drop();
            }}
          />
          {(['from', 'to'] as const).map((grip) => (
            <button
              key={grip}
              type="button"
              role="slider"
              className={css.handle}
              data-grip={grip}
              style={{
                left: gripLefts(x(stretch.fromMs), x(stretch.toMs), size.width)[grip],
                bottom: AXIS_PX,
              }}
              aria-label={grip === 'from' ? 'Start of the range' : 'End of the range'}
              aria-valuemin={bounds.fromMs}
              aria-valuemax={bounds.toMs}
              aria-valuenow={grip === 'from' ? stretch.fromMs : stretch.toMs}
              aria-valuetext={formatClockWithZone(grip === 'from' ? stretch.fromMs : stretch.toMs, zone)}
              {...gripProps(grip)}
              onPointerUp={(event) => {
                event.stopPropagation();
                drop();
              }}
            />
          ))}
        </>
      )}
    </div>
  );
}

/** Grips reach outwards, never lie on each other, and stay on the tape: both can be caught on the shortest stretch. */
function gripLefts(fromX: number, toX: number, widthPx: number): { readonly from: number; readonly to: number } {
  const to = Math.max(GRIP_PX, Math.min(widthPx - GRIP_PX, toX - GRIP_INSIDE_PX));
  const from = Math.max(0, Math.min(to - GRIP_PX, fromX - GRIP_PX + GRIP_INSIDE_PX));
  return { from, to };
}

function TapePicture(props: TapeProps & { readonly size: Size }) {
  const { startMs, stepMs, values, bounds, stretch, zone, size } = props;
  const { width, height } = size;
  const base = height - AXIS_PX;
  const high = Math.max(1e-9, ...values.map((value) => value ?? 0));
  const x = (timeMs: number) => project(timeMs, bounds.fromMs, bounds.toMs, 0, width);
  const y = (value: number) => project(value, 0, high * 1.06, base, TOP_PX);
  const line = sparkPath(values, (index) => x(startMs + (index + 0.5) * stepMs), y);
  const last = lastKnown(values);
  const first = values.findIndex((value) => value !== null);
  const closed =
    last < 0
      ? ''
      : `${line}L${x(startMs + (last + 0.5) * stepMs)} ${base}L${x(startMs + (first + 0.5) * stepMs)} ${base}Z`;
  const ticks = timeTicks(bounds.fromMs, bounds.toMs, zone, Math.max(2, Math.floor(width / TICK_WIDTH_PX)));
  return (
    <svg width={width} height={height} aria-hidden="true">
      <clipPath id="tape-stretch">
        <rect x={x(stretch.fromMs)} y="0" width={Math.max(0, x(stretch.toMs) - x(stretch.fromMs))} height={base} />
      </clipPath>
      <path d={closed} fill="var(--band)" />
      <path d={line} fill="none" stroke="var(--ink-soft)" opacity="0.7" />
      <g clipPath="url(#tape-stretch)">
        <path d={closed} fill="var(--accent)" opacity="0.22" />
        <path d={line} fill="none" stroke="var(--accent)" strokeWidth="1.3" />
      </g>
      <line x1="0" x2={width} y1={base + 0.5} y2={base + 0.5} className={css.axis} />
      {ticks.map((tick) => {
        const at = Math.round(x(tick.timeMs)) + 0.5;
        return (
          <g key={tick.timeMs}>
            <line x1={at} x2={at} y1={base} y2={base + 4} className={css.axis} />
            {at > 24 && at < width - 30 && (
              <text x={at} y={height - 3} textAnchor="middle" className={tick.isDayStart ? css.day : undefined}>
                {tick.label}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

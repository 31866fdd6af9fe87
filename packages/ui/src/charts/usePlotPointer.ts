'use client';
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import type { CursorStore } from './cursor.ts';
import { type ChartGeometry, xToTimeMs } from './geometry.ts';
import { stepAt, stepMiddleMs, stepStartMs, type TimeChartModel } from './model.ts';

const DRAG_PX = 6;
const PAGE_STEPS = 10;

/** A stretch being dragged out, ms. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Pointer and keyboard on a plot: moving sets the cursor, dragging with mouse or pen zooms, arrows move by a step,
 * Page keys by ten, Home and End to the ends, Escape lets go. The wheel is never touched.
 */
export function usePlotPointer(input: {
  readonly model: TimeChartModel;
  readonly geometry: ChartGeometry | null;
  readonly cursor: CursorStore;
  readonly onZoom: ((fromMs: number, toMs: number) => void) | undefined;
}) {
  const { model, geometry, cursor, onZoom } = input;
  const dragFromX = useRef<number | null>(null);
  const [stretch, setStretch] = useState<Stretch | null>(null);

  const moveTo = (index: number) => {
    cursor.set(stepMiddleMs(model, Math.max(0, Math.min(model.steps - 1, index))));
  };
  const stepUnder = (x: number) => {
    if (!geometry) return null;
    return stepAt(model, Math.min(xToTimeMs(geometry, x), geometry.toMs - 1));
  };
  const localX = (event: PointerEvent<HTMLElement>) => event.clientX - event.currentTarget.getBoundingClientRect().left;
  const stretchTo = (x: number): Stretch | null => {
    if (dragFromX.current === null || Math.abs(x - dragFromX.current) < DRAG_PX) return null;
    const first = stepUnder(Math.min(x, dragFromX.current));
    const last = stepUnder(Math.max(x, dragFromX.current));
    if (first === null || last === null || last - first < 1) return null;
    return { fromMs: stepStartMs(model, first), toMs: stepStartMs(model, last + 1) };
  };

  return {
    stretch,
    handlers: {
      onPointerDown(event: PointerEvent<HTMLElement>) {
        if (!onZoom || event.pointerType === 'touch' || event.button !== 0) return;
        dragFromX.current = localX(event);
        event.currentTarget.setPointerCapture(event.pointerId);
      },
      onPointerMove(event: PointerEvent<HTMLElement>) {
        const x = localX(event);
        const index = stepUnder(x);
        if (index !== null) moveTo(index);
        if (dragFromX.current !== null) setStretch(stretchTo(x));
      },
      onPointerUp(event: PointerEvent<HTMLElement>) {
        const wanted = stretchTo(localX(event));
        dragFromX.current = null;
        setStretch(null);
        if (wanted) onZoom?.(wanted.fromMs, wanted.toMs);
      },
      onPointerCancel() {
        dragFromX.current = null;
        setStretch(null);
      },
      onPointerLeave() {
        if (dragFromX.current === null) cursor.set(null);
      },
      onBlur() {
        cursor.set(null);
      },
      onKeyDown(event: KeyboardEvent<HTMLElement>) {
        const now = cursor.get();
        const index = (now === null ? null : stepAt(model, now)) ?? model.steps - 1;
        const target = keyTarget(event.key, index, model.steps);
        if (target === null) return;
        event.preventDefault();
        if (target === 'release') cursor.set(null);
        else moveTo(target);
      },
    },
  };
}

function keyTarget(key: string, index: number, steps: number): number | 'release' | null {
  switch (key) {
    case 'ArrowLeft':
      return index - 1;
    case 'ArrowRight':
      return index + 1;
    case 'PageDown':
      return index - PAGE_STEPS;
    case 'PageUp':
      return index + PAGE_STEPS;
    case 'Home':
      return 0;
    case 'End':
      return steps - 1;
    case 'Escape':
      return 'release';
    default:
      return null;
  }
}

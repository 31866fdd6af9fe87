// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { CursorProvider, Sparkline, Tape, type TimeChartModel, TimeSeriesChart } from '../index.ts';
import { $, key, pointer, show, useTestPage } from '../testing/dom.ts';

// This DOM has no canvas: drawing is covered by the options a chart is given, and by the browser journeys.
const drawn = vi.hoisted(() => ({ options: [] as unknown[] }));
vi.mock('./echarts.ts', () => ({
  createCanvasChart: () => ({
    setOption: (option: unknown) => drawn.options.push(option),
    resize: () => undefined,
    dispose: () => undefined,
  }),
}));

const MINUTE_MS = 60_000;
useTestPage();
beforeEach(() => {
  drawn.options.length = 0;
});

const MODEL: TimeChartModel = {
  startMs: 0,
  stepMs: MINUTE_MS,
  steps: 10,
  finalThroughMs: 8 * MINUTE_MS,
  plots: [
    {
      key: 'rate',
      share: 1,
      fromZero: true,
      series: [{ key: 'web', name: 'Web', colour: 1, mark: 'line', values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] }],
      formatTick: String,
      formatValue: (value) => `${value}/s`,
    },
  ],
};

describe('time chart', () => {
  const chart = (onZoom?: (from: number, to: number) => void) => (
    <CursorProvider>
      <TimeSeriesChart model={MODEL} zone="UTC" label="Rate" {...(onZoom && { onZoom })} />
    </CursorProvider>
  );
  const slider = () => $('[role="slider"]');
  const cursorLines = () => document.querySelectorAll('svg line').length;

  it('draws once for its data, and not again when the cursor moves', () => {
    show(chart());
    const before = drawn.options.length;
    key(slider(), 'ArrowLeft');
    expect(drawn.options.length).toBe(before);
    expect(cursorLines()).toBe(1);
  });

  it.each([
    ['ArrowLeft', '00:08 UTC: Web 8/s'],
    ['Home', '00:00 UTC: Web 0/s'],
    ['End', '00:09 UTC: Web 9/s'],
    ['PageDown', '00:00 UTC: Web 0/s'],
  ])('%s moves the cursor and says where it is', (name, words) => {
    show(chart());
    key(slider(), name);
    expect(slider().getAttribute('aria-valuetext')).toBe(words);
    key(slider(), 'Escape');
    expect(cursorLines()).toBe(0);
  });

  it('one cursor crosses all charts of a page', () => {
    show(
      <CursorProvider>
        <TimeSeriesChart model={MODEL} zone="UTC" label="A" />
        <TimeSeriesChart model={MODEL} zone="UTC" label="B" />
      </CursorProvider>,
    );
    pointer(slider(), 'pointermove', 300);
    expect(cursorLines()).toBe(2);
  });

  it('dragging with the mouse zooms to whole steps', () => {
    const onZoom = vi.fn();
    show(chart(onZoom));
    pointer(slider(), 'pointerdown', 44 + 100);
    pointer(slider(), 'pointermove', 44 + 300);
    pointer(slider(), 'pointerup', 44 + 300);
    expect(onZoom).toHaveBeenCalledExactlyOnceWith(2 * MINUTE_MS, 7 * MINUTE_MS);
  });

  it('a click is no zoom, and a finger only moves the cursor', () => {
    const onZoom = vi.fn();
    show(chart(onZoom));
    for (const [type, x] of [
      ['pointerdown', 100],
      ['pointerup', 103],
    ] as const)
      pointer(slider(), type, x);
    for (const [type, x] of [
      ['pointerdown', 100],
      ['pointermove', 300],
      ['pointerup', 300],
    ] as const)
      pointer(slider(), type, x, 'touch');
    expect(onZoom).not.toHaveBeenCalled();
  });

  it('a sparkline is drawn to its size', () => {
    show(<Sparkline values={[1, null, 3]} />);
    expect($('path').getAttribute('d')).toMatch(/^M3\.0 .*M637\.0/);
    expect(document.querySelector('svg line')).toBeNull();
  });

  it('a sparkline of a single value is a dot after a dotted base, one of none the base alone', () => {
    show(<Sparkline values={[null, null, 3]} />);
    expect($('circle').getAttribute('fill')).toBe('var(--ink)');
    expect($('svg line').getAttribute('stroke-dasharray')).toBe('1 4');
    show(<Sparkline values={[null, null]} />);
    expect(document.querySelector('circle')).toBeNull();
    expect($('svg line').getAttribute('x2')).toBe('637');
  });
});

describe('tape', () => {
  const bounds = { fromMs: 0, toMs: 1_440 * MINUTE_MS };
  const stretch = { fromMs: 1_200 * MINUTE_MS, toMs: bounds.toMs };
  const tape = (onChange: (next: { fromMs: number; toMs: number }) => void) => (
    <Tape
      startMs={0}
      stepMs={5 * MINUTE_MS}
      values={[1, 2, null, 4]}
      bounds={bounds}
      stretch={stretch}
      zone="UTC"
      onChange={onChange}
    />
  );

  it('its ends move by keys, by five minutes or by an hour', () => {
    const onChange = vi.fn();
    show(tape(onChange));
    key($('[data-grip="from"]'), 'ArrowLeft');
    key($('[data-grip="from"]'), 'ArrowRight', { shiftKey: true });
    expect(onChange.mock.calls.map(([next]) => next.fromMs / MINUTE_MS)).toEqual([1_195, 1_260]);
  });

  it('an end is dragged, and told when let go', () => {
    const onChange = vi.fn();
    show(tape(onChange));
    pointer($('[data-grip="from"]'), 'pointerdown', 500);
    pointer($('[data-grip="from"]'), 'pointermove', 468);
    expect(onChange).not.toHaveBeenCalled();
    pointer($('[data-grip="from"]'), 'pointerup', 468);
    expect(onChange).toHaveBeenCalledWith({ fromMs: (1_200 - 72) * MINUTE_MS, toMs: bounds.toMs });
  });

  it('a click elsewhere moves the stretch there', () => {
    const onChange = vi.fn();
    show(tape(onChange));
    pointer($('[aria-label="Range on the last 24 hours"]'), 'pointerup', 320);
    expect(onChange).toHaveBeenCalledWith({ fromMs: 600 * MINUTE_MS, toMs: 840 * MINUTE_MS });
  });
});

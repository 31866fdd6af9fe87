'use client';
import { useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef } from 'react';
import { type PictureFrame, usePictureMaker } from '../panel/panelExport.ts';
import { useTheme } from '../theme/useTheme.ts';
import { useSize } from '../util/useSize.ts';
import { CursorLayer } from './CursorLayer.tsx';
import { chartPicture } from './chartPicture.ts';
import css from './charts.module.css';
import { type CursorStore, useCursorStore, useCursorTimeMs } from './cursor.ts';
import { EndLabels } from './EndLabels.tsx';
import { createCanvasChart, type EChartsType } from './echarts.ts';
import { EmptyGround, ProvisionalGround } from './Grounds.tsx';
import { type ChartGeometry, chartGeometry, timeToX } from './geometry.ts';
import { stepAt, type TimeChartModel } from './model.ts';
import { chartOption } from './option.ts';
import { readPalette } from './palette.ts';
import { Readout } from './Readout.tsx';
import { chartSummary, stepWords } from './summary.ts';
import { type Stretch, usePlotPointer } from './usePlotPointer.ts';

export interface TimeSeriesChartProps {
  readonly model: TimeChartModel;
  /** IANA zone of ticks and readout. */
  readonly zone: string;
  /** Names the chart for screen readers. */
  readonly label: string;
  /** Called with the dragged stretch; without it dragging does nothing. */
  readonly onZoom?: (fromMs: number, toMs: number) => void;
}

/**
 * Series over time: a readout row, and plots that share one x-axis. Drawn by ECharts on canvas; cursor, labels and
 * provisional ground lie over and under it as DOM, so that moving the cursor draws nothing anew.
 */
export function TimeSeriesChart({ model, zone, label, onZoom }: TimeSeriesChartProps) {
  const cursor = useCursorStore();
  const [plotRef, size] = useSize<HTMLDivElement>();
  const geometry = useMemo(() => (size ? chartGeometry(model, size, zone) : null), [model, size, zone]);
  const pointer = usePlotPointer({ model, geometry, cursor, onZoom });
  const summaryId = useId();
  return (
    <div className={css.chart}>
      <Readout model={model} zone={zone} cursor={cursor} />
      <div
        ref={plotRef}
        className={css.plot}
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-describedby={summaryId}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, model.steps - 1)}
        aria-valuenow={Math.max(0, model.steps - 1)}
        aria-valuetext="Arrow keys move the cursor"
        {...pointer.handlers}
      >
        {geometry && (
          <>
            <ProvisionalGround model={model} geometry={geometry} />
            <Canvas model={model} geometry={geometry} zone={zone} />
            <EmptyGround model={model} geometry={geometry} zone={zone} />
            <EndLabels geometry={geometry} />
            <CursorLayer model={model} geometry={geometry} cursor={cursor} />
            <ZoomStretch stretch={pointer.stretch} geometry={geometry} />
          </>
        )}
        <SpokenCursor model={model} zone={zone} cursor={cursor} />
      </div>
      <p className={css.summary} id={summaryId}>
        {chartSummary(model, zone)}
      </p>
    </div>
  );
}

/** Keeps the slider's spoken value in step with the cursor without rendering the chart. */
function SpokenCursor(props: { readonly model: TimeChartModel; readonly zone: string; readonly cursor: CursorStore }) {
  const { model, zone, cursor } = props;
  const ref = useRef<HTMLSpanElement>(null);
  const cursorMs = useCursorTimeMs(cursor);
  useEffect(() => {
    const slider = ref.current?.parentElement;
    const index = cursorMs === null ? null : stepAt(model, cursorMs);
    if (!slider || index === null) return;
    slider.setAttribute('aria-valuenow', String(index));
    slider.setAttribute('aria-valuetext', stepWords(model, index, zone));
  }, [model, zone, cursorMs]);
  return <span ref={ref} hidden />;
}

function Canvas(props: { readonly model: TimeChartModel; readonly geometry: ChartGeometry; readonly zone: string }) {
  const { model, geometry, zone } = props;
  const theme = useTheme();
  const containerRef = useRef<HTMLDivElement>(null);
  const chartRef = useRef<EChartsType | null>(null);
  useLayoutEffect(() => {
    if (!containerRef.current) return;
    const chart = createCanvasChart(containerRef.current);
    chartRef.current = chart;
    return () => {
      chartRef.current = null;
      chart.dispose();
    };
  }, []);
  useLayoutEffect(() => {
    const chart = chartRef.current;
    const container = containerRef.current;
    if (!chart || !container || theme === null) return;
    chart.resize({ ...geometry.size, silent: true });
    chart.setOption(chartOption(model, geometry, readPalette(container)), { notMerge: true, silent: true });
  }, [model, geometry, theme]);
  usePictureMaker(
    useCallback(
      (frame: PictureFrame) => {
        const chart = chartRef.current;
        const container = containerRef.current;
        if (!chart || !container) throw new Error('The chart is not drawn yet');
        const canvas = chart.renderToCanvas({ pixelRatio: 2 });
        return chartPicture({ frame, canvas, model, geometry, palette: readPalette(container), zone });
      },
      [model, geometry, zone],
    ),
  );
  return <div ref={containerRef} className={css.canvas} aria-hidden="true" />;
}

function ZoomStretch({ stretch, geometry }: { readonly stretch: Stretch | null; readonly geometry: ChartGeometry }) {
  if (!stretch) return null;
  const left = timeToX(geometry, stretch.fromMs);
  return (
    <div
      className={css.zoom}
      style={{ left, width: timeToX(geometry, stretch.toMs) - left, height: geometry.bottom }}
    />
  );
}

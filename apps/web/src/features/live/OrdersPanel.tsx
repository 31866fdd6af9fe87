'use client';
import { MEASURES, type SeriesResult } from '@ebap/pipeline/semantics';
import {
  formatClockWithZone,
  formatCompact,
  formatLabel,
  formatPercent,
  formatTick,
  NBSP,
  type TimeChartModel,
} from '@ebap/ui';
import { useMemo } from 'react';
import { firstCartsDueMs } from './firstCarts.ts';
import { useLiveSeries, useNow } from './hooks.ts';
import { LiveChartPanel } from './LiveChartPanel.tsx';
import type { RatePanelProps } from './RatePanel.tsx';
import { alignColumn, drawnValues, rollingRatio } from './seriesModel.ts';

/** Abandonment is read over this many minutes: single minutes hold too few carts. */
const ROLLING_STEPS = 15;
/** Shares of the height: abandonment leads, unless it has nothing to draw yet. */
const ABANDONMENT_SHARE = 62;
const ABANDONMENT_UNKNOWN_SHARE = 20;

const NO_ORDERS = {
  title: 'No orders in this range',
  hint: 'Purchases are counted as they arrive. For abandonment, carts come due 30 min after their last change.',
};

/** Cart abandonment above, orders per minute below, on one x-axis. */
export function OrdersPanel(props: Omit<RatePanelProps, 'by'>) {
  const { url, trailingMs } = props;
  const base =
    trailingMs === null
      ? null
      : {
          filter: { region: url.region ?? undefined, platform: url.platform ?? undefined },
          by: null,
          grain: '1m' as const,
          range: { trailingMs },
        };
  const orders = useLiveSeries(base && { ...base, measure: 'orders' });
  const abandonment = useLiveSeries(base && { ...base, measure: 'cart_abandonment' });
  const ordersResult = orders.view?.result ?? null;
  const abandonmentResult = abandonment.view?.result ?? null;
  const { view } = useNow({ region: url.region ?? undefined, platform: url.platform ?? undefined });
  const note = cartsNote(view && firstCartsDueMs(view.now), props.zone);
  const model = useMemo(
    () => (ordersResult && abandonmentResult ? ordersModel(ordersResult, abandonmentResult, note) : null),
    [ordersResult, abandonmentResult, note],
  );
  const faulty = orders.refusal ? orders : abandonment;
  return (
    <LiveChartPanel
      {...props}
      id="orders"
      title="Orders and cart abandonment"
      help={`${MEASURES.cart_abandonment.description} Drawn over ${ROLLING_STEPS} minutes at each step.`}
      model={model}
      empty={model && isQuiet(model) ? NO_ORDERS : null}
      asOfMs={ordersResult?.asOfMs ?? null}
      refusal={faulty.refusal}
      retry={faulty.retry}
    />
  );
}

/** Whether the range holds neither an order nor a cart that came due. */
function isQuiet(model: TimeChartModel): boolean {
  const [ratios, orders] = model.plots.map((plot) => plot.series.flatMap((series) => series.values));
  const hasRatio = ratios?.some((value) => value !== null) ?? false;
  return !hasRatio && !(orders?.some((value) => value !== null && value > 0) ?? false);
}

/** Why there is no abandonment to draw, and since when there will be. */
export function cartsNote(firstDueMs: number | null, zone: string): string {
  if (firstDueMs === null) return 'No cart came due in this range';
  return `First carts come due at ${formatClockWithZone(firstDueMs, zone)}, 30 min after their last change`;
}

/** Both measures on the orders' axis. @param note stands where abandonment has no value yet */
export function ordersModel(orders: SeriesResult, abandonment: SeriesResult, note: string): TimeChartModel {
  const [orderSeries] = orders.series;
  const [ratioSeries] = abandonment.series;
  const empty: readonly null[] = new Array(orders.steps).fill(null);
  const rolling =
    ratioSeries?.numerators && ratioSeries.denominators
      ? rollingRatio(ratioSeries.numerators, ratioSeries.denominators, ROLLING_STEPS)
      : (ratioSeries?.values ?? empty);
  const ratios = alignColumn(rolling, abandonment, orders);
  const isKnown = ratios.some((value) => value !== null);
  return {
    startMs: orders.startMs,
    stepMs: orders.stepMs,
    steps: orders.steps,
    finalThroughMs: Math.min(orders.finalThroughMs, abandonment.finalThroughMs),
    plots: [
      {
        key: 'abandonment',
        share: isKnown ? ABANDONMENT_SHARE : ABANDONMENT_UNKNOWN_SHARE,
        emptyNote: note,
        fromZero: false,
        minSpan: 0.1,
        limits: [0, 1],
        series: [
          {
            key: 'abandonment',
            name: `abandonment, ${ROLLING_STEPS} min`,
            shortName: 'of carts',
            colour: 'ink',
            mark: 'line',
            values: ratios,
          },
        ],
        formatTick: percentTick,
        formatValue: (value) => formatPercent(value),
      },
      {
        key: 'orders',
        share: 30,
        fromZero: true,
        series: [
          {
            key: 'orders',
            name: 'orders',
            shortName: 'orders/min',
            colour: 'ink-soft',
            mark: 'bars',
            values: orderSeries ? drawnValues('orders', orders, orderSeries) : empty,
          },
        ],
        formatTick,
        formatLabel,
        formatValue: (value) => (value === null ? '–' : `${formatCompact(value)}/min`),
      },
    ],
  };
}

/** Percent without the sign, but for the highest tick. */
function percentTick(ratio: number, step: number, isTop: boolean): string {
  const text = formatTick(Number((ratio * 100).toFixed(6)), step * 100);
  return isTop ? `${text}${NBSP}%` : text;
}

import type { LedgerMinute, PipelinePayload } from '@ebap/pipeline/contracts';
import { type ChartSeries, formatCount, formatLabel, formatTick, type TimeChartModel } from '@ebap/ui';

const MINUTE_MS = 60_000;
const SHORTEST_STEPS = 15;

/**
 * The ledger as a chart: what was counted above, what was not and why below. Minutes without an entry had nothing; a
 * silent beginning is left out, so that a young installation fills its chart.
 */
export function ledgerModel(pipeline: PipelinePayload): TimeChartModel | null {
  const first = pipeline.ledger.find((minute) => !isSilent(minute));
  const last = pipeline.ledger.at(-1);
  if (!first || !last) return null;
  const startMs = chartStartMs(pipeline, first.minuteMs, last.minuteMs);
  const steps = Math.round((last.minuteMs - startMs) / MINUTE_MS) + 1;
  const byMinute = new Map(pipeline.ledger.map((minute) => [minute.minuteMs, minute]));
  const column = (field: Exclude<keyof LedgerMinute, 'minuteMs'>) =>
    Array.from({ length: steps }, (_, index) => {
      const minuteMs = startMs + index * MINUTE_MS;
      return minuteMs < first.minuteMs ? null : (byMinute.get(minuteMs)?.[field] ?? 0);
    });
  const others: readonly ChartSeries[] = [
    { key: 'duplicate', name: 'duplicate', colour: 1, mark: 'bars', values: column('duplicate') },
    { key: 'late', name: 'late', colour: 3, mark: 'bars', values: column('late') },
    { key: 'dead', name: 'dead', colour: 4, mark: 'bars', values: column('dead') },
    { key: 'refused', name: 'refused', colour: 6, mark: 'bars', values: column('refused') },
  ];
  return {
    startMs,
    stepMs: MINUTE_MS,
    steps,
    // A minute of arrival is over when the log's clock has left it.
    finalThroughMs: Math.floor(pipeline.atMs / MINUTE_MS) * MINUTE_MS,
    plots: [
      {
        key: 'counted',
        share: 55,
        fromZero: true,
        series: [
          {
            key: 'counted',
            name: 'counted',
            colour: 'ink',
            mark: 'line',
            values: openless(column('counted'), pipeline, last.minuteMs),
          },
        ],
        formatTick,
        formatLabel,
        formatValue: (value) => `${formatCount(value)}/min`,
      },
      {
        key: 'others',
        share: 40,
        fromZero: true,
        isStacked: true,
        series: others,
        formatTick,
        formatLabel,
        formatValue: (value) => `${formatCount(value)}/min`,
      },
    ],
  };
}

function chartStartMs(pipeline: PipelinePayload, firstMs: number, lastMs: number): number {
  const ledgerStartMs = pipeline.ledger[0]?.minuteMs ?? firstMs;
  return Math.max(ledgerStartMs, Math.min(firstMs, lastMs - (SHORTEST_STEPS - 1) * MINUTE_MS));
}

function isSilent(minute: LedgerMinute): boolean {
  return minute.counted + minute.duplicate + minute.late + minute.dead + minute.refused === 0;
}

/** Without the minute that still runs: half a minute would look like a crash. */
function openless(
  values: readonly (number | null)[],
  pipeline: PipelinePayload,
  lastMinuteMs: number,
): readonly (number | null)[] {
  return pipeline.atMs < lastMinuteMs + MINUTE_MS ? [...values.slice(0, -1), null] : values;
}

'use client';
import type { SeriesResult } from '@ebap/pipeline/semantics';
import { Button, IconButton, PageBar, Tape, type TimeRange, TimeRangePicker, type TimeStretch } from '@ebap/ui';
import css from './live.module.css';
import { drawnValues } from './seriesModel.ts';
import { DEFAULT_TRAILING_MS, type LiveUrlState, RANGE_PRESETS, rangeFromStretch } from './urlState.ts';
import { zoneChoices } from './zones.ts';

const DAY_MS = 24 * 3_600_000;

/** The page's range: in words, on the tape of the last 24 hours, and as steps back and forth. */
export function LiveBar(props: {
  readonly url: LiveUrlState;
  /** The tape's series; null until it is known. */
  readonly overview: SeriesResult | null;
  readonly onUrlChange: (change: Partial<LiveUrlState>) => void;
  readonly zone: string;
  readonly nowMs: number | null;
  readonly shown: TimeStretch | null;
}) {
  const { url, overview: result, onUrlChange, zone, nowMs, shown } = props;
  const [series] = result?.series ?? [];
  const isFollowing = url.range?.kind !== 'fixed';
  const setRange = (range: TimeRange) => onUrlChange({ range });
  const bounds = nowMs === null ? null : { fromMs: nowMs - DAY_MS, toMs: nowMs };
  const shift = (direction: -1 | 1) => {
    if (!shown || !bounds) return;
    const lengthMs = shown.toMs - shown.fromMs;
    const fromMs = Math.max(bounds.fromMs, Math.min(bounds.toMs - lengthMs, shown.fromMs + direction * lengthMs));
    setRange(rangeFromStretch(fromMs, fromMs + lengthMs, bounds.toMs));
  };
  return (
    <PageBar>
      <div className={css.barRow}>
        <TimeRangePicker
          range={url.range}
          shown={shown}
          presets={RANGE_PRESETS}
          zone={zone}
          zones={zoneChoices(zone)}
          earliestMs={bounds?.fromMs ?? 0}
          onChange={setRange}
          onZoneChange={(next) => onUrlChange({ zone: next })}
        />
        <div className={css.tape}>
          {bounds && shown && (
            <Tape
              startMs={result?.startMs ?? bounds.fromMs}
              stepMs={result?.stepMs ?? 300_000}
              values={result && series ? drawnValues('event_rate', result, series) : []}
              bounds={bounds}
              stretch={shown}
              zone={zone}
              onChange={(stretch) => setRange(rangeFromStretch(stretch.fromMs, stretch.toMs, bounds.toMs))}
            />
          )}
        </div>
        <div className={css.follow}>
          <IconButton icon="stepBack" label="Earlier" className={css.step} onClick={() => shift(-1)} />
          <IconButton
            icon="stepForward"
            label="Later"
            className={css.step}
            disabled={isFollowing}
            onClick={() => shift(1)}
          />
          <Button
            className={css.followButton}
            icon="source"
            aria-pressed={isFollowing}
            onClick={() => setRange({ kind: 'trailing', trailingMs: followLength(url.range) })}
          >
            {isFollowing ? 'Following now' : 'Follow now'}
          </Button>
        </div>
      </div>
    </PageBar>
  );
}

/** Following again keeps the length, as near as there is a span for it. */
function followLength(range: TimeRange | null): number {
  if (range === null) return DEFAULT_TRAILING_MS;
  if (range.kind === 'trailing') return range.trailingMs;
  const lengthMs = range.toMs - range.fromMs;
  return RANGE_PRESETS.find((preset) => preset.trailingMs >= lengthMs * 0.9)?.trailingMs ?? DEFAULT_TRAILING_MS;
}

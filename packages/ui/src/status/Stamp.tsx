'use client';
import { useNowMs } from '../clock/now.ts';
import { formatAge } from '../format/duration.ts';
import { cx } from '../util/cx.ts';
import css from './status.module.css';

export interface StampProps {
  /** When the data was true, ms since the epoch by this browser's clock. */
  readonly asOfMs: number;
  /** Older than this is called stale. */
  readonly staleAfterMs?: number | undefined;
}

/** `2 s ago`: ticks by itself, so that the panel round it need not render. */
export function Stamp({ asOfMs, staleAfterMs }: StampProps) {
  const nowMs = useNowMs();
  const ageMs = nowMs === null ? null : nowMs - asOfMs;
  const isStale = ageMs !== null && staleAfterMs !== undefined && ageMs > staleAfterMs;
  return (
    <time
      className={cx(css.stamp, isStale && css.stale)}
      dateTime={new Date(asOfMs).toISOString()}
      data-stale={isStale || undefined}
    >
      {ageMs === null ? '' : isStale ? `stale, ${formatAge(ageMs)}` : formatAge(ageMs)}
    </time>
  );
}

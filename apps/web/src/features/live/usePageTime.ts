'use client';
import { type TimeStretch, useNowMs } from '@ebap/ui';
import { useMemo, useSyncExternalStore } from 'react';
import type { LiveUrlState } from './urlState.ts';

const MINUTE_MS = 60_000;

/** The page's clock, to the minute, and the stretch it shows; null until the browser's clock is known. */
export function usePageTime(url: LiveUrlState): {
  readonly zone: string;
  readonly nowMs: number | null;
  readonly shown: TimeStretch | null;
} {
  const exactMs = useNowMs();
  const nowMs = exactMs === null ? null : Math.ceil(exactMs / MINUTE_MS) * MINUTE_MS;
  const browserZone = useSyncExternalStore(
    () => () => undefined,
    () => Intl.DateTimeFormat().resolvedOptions().timeZone,
    () => 'UTC',
  );
  const { range } = url;
  const shown = useMemo(() => {
    if (range === null) return null;
    if (range.kind === 'fixed') return { fromMs: range.fromMs, toMs: range.toMs };
    return nowMs === null ? null : { fromMs: nowMs - range.trailingMs, toMs: nowMs };
  }, [range, nowMs]);
  return { zone: url.zone ?? browserZone, nowMs, shown };
}

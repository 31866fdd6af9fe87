'use client';
import { formatClockWithZone, formatCompact, formatDuration } from '@ebap/ui';
import { useSyncExternalStore } from 'react';
import { usePipelineStatus } from '../features/live/hooks.ts';
import { lagMs, oldestWatermarkMs } from '../features/pipeline/figures.ts';

/** The platform's pulse at the rail's foot: ingest, lag, watermark. */
export function Vitals() {
  const { view } = usePipelineStatus(true);
  const zone = useSyncExternalStore(
    () => () => undefined,
    () => Intl.DateTimeFormat().resolvedOptions().timeZone,
    () => 'UTC',
  );
  const pipeline = view?.pipeline;
  const watermarkMs = pipeline ? oldestWatermarkMs(pipeline) : null;
  return (
    <>
      <span>Ingest</span>
      <b>{pipeline ? `${formatCompact(pipeline.ingest.acceptedPerSecond)}/s` : '–'}</b>
      <span>Consumer lag</span>
      <b>{pipeline ? formatDuration(lagMs(pipeline)) : '–'}</b>
      <span>Watermark</span>
      <b>{watermarkMs === null ? '–' : formatClockWithZone(watermarkMs, zone)}</b>
    </>
  );
}

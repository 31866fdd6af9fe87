'use client';
import type { PipelinePayload } from '@ebap/pipeline/contracts';
import {
  BigNumber,
  BigNumberRow,
  formatBytes,
  formatClockWithZone,
  formatCount,
  formatDuration,
  formatNoun,
  formatRate,
} from '@ebap/ui';
import { captureOf, lagMs, oldestWatermarkMs, totalLagRecords } from './figures.ts';
import { RunState } from './RunState.tsx';
import { pulseOf, usePulse } from './usePulse.ts';

/** Ingest, lag, latency, watermark and change capture as big numbers; their lines are what this page has seen. */
export function PipelineTiles({ pipeline, zone }: { readonly pipeline: PipelinePayload; readonly zone: string }) {
  const { ingest, latency } = pipeline;
  const lag = lagMs(pipeline);
  const watermarkMs = oldestWatermarkMs(pipeline);
  const watermarkAgeMs = watermarkMs === null ? null : pipeline.atMs - watermarkMs;
  const capture = captureOf(pipeline);
  const pulse = usePulse(pipeline.atMs, {
    ingest: ingest.acceptedPerSecond,
    lag,
    latency: latency.p95,
    watermark: watermarkAgeMs,
    wal: capture.retainedWalBytes,
  });
  return (
    <BigNumberRow columns={5}>
      <BigNumber
        label="Ingest"
        value={formatRate(ingest.acceptedPerSecond)}
        unit="events/s"
        note={
          ingest.rejectedPerSecond > 0
            ? `${formatRate(ingest.rejectedPerSecond)}/s rejected`
            : 'none rejected right now'
        }
        help="Records accepted by the HTTP edge and written to the log. Rejected ones are answered with their reason and kept as dead letters."
        trend={pulseOf(pulse, 'ingest')}
      />
      <BigNumber
        label="Consumer lag"
        value={formatDuration(lag)}
        note={lag === null ? 'no task runs' : `${formatNoun(totalLagRecords(pipeline), 'record')} not yet read`}
        help="How far the slowest partition is behind the end of the log."
        trend={pulseOf(pulse, 'lag')}
      />
      <BigNumber
        label="End-to-end latency"
        value={formatDuration(latency.p95)}
        unit="p95"
        note={
          latency.samples > 0
            ? `p50 ${formatDuration(latency.p50)}, p99 ${formatDuration(latency.p99)}, ${formatCount(latency.samples)} samples`
            : 'no samples in the last minute'
        }
        help="From the log's acceptance of an event to its number being readable, over the last minute."
        trend={pulseOf(pulse, 'latency')}
      />
      <BigNumber
        label="Watermark"
        value={formatDuration(watermarkAgeMs)}
        unit="behind"
        note={
          watermarkMs === null
            ? 'some partition has none yet'
            : `final through ${formatClockWithZone(watermarkMs, zone, 'second')}`
        }
        help="Windows that end before the watermark are final. It trails by the allowed lateness of 10 minutes."
        trend={pulseOf(pulse, 'watermark')}
      />
      <BigNumber
        label="CDC"
        value={formatBytes(capture.retainedWalBytes)}
        unit="WAL kept"
        note={capture.words}
        help="Change data capture: write-ahead log that the source databases keep because a replication slot has not read it yet. It grows while capture stands still, and fills their disks in the end."
        trend={pulseOf(pulse, 'wal')}
        state={capture.state && <RunState word={capture.state} />}
      />
    </BigNumberRow>
  );
}

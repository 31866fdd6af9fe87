import type { PartitionStatus, PipelinePayload } from '@ebap/pipeline/contracts';
import { formatDuration, formatNoun } from '@ebap/ui';

/** Records of a partition that the log holds and its task has not read. */
export function lagRecords(partition: PartitionStatus): number {
  return Math.max(0, partition.endOffset - partition.nextOffset);
}

/** Records not yet read over all partitions. */
export function totalLagRecords(pipeline: PipelinePayload): number {
  return pipeline.partitions.reduce((sum, partition) => sum + lagRecords(partition), 0);
}

/**
 * How far the slowest partition is behind the log in time: 0 when it has read to the end, else the age of what it has
 * read last. Null while no partition has read anything.
 */
export function lagMs(pipeline: PipelinePayload): number | null {
  const lags = pipeline.partitions
    .filter((partition) => partition.appendMs !== null)
    .map((partition) => (lagRecords(partition) === 0 ? 0 : Math.max(0, pipeline.atMs - (partition.appendMs ?? 0))));
  return lags.length === 0 ? null : Math.max(...lags);
}

/** The watermark up to which every partition is final; null while one has none. */
export function oldestWatermarkMs(pipeline: PipelinePayload): number | null {
  const marks = pipeline.partitions.map((partition) => partition.watermarkMs);
  if (marks.length === 0 || marks.includes(null)) return null;
  return Math.min(...marks.filter((mark) => mark !== null));
}

/** What became of all records of the ledger's span. */
export function ledgerTotals(pipeline: PipelinePayload): {
  readonly counted: number;
  readonly duplicate: number;
  readonly late: number;
  readonly dead: number;
  readonly refused: number;
} {
  const totals = { counted: 0, duplicate: 0, late: 0, dead: 0, refused: 0 };
  for (const minute of pipeline.ledger) {
    totals.counted += minute.counted;
    totals.duplicate += minute.duplicate;
    totals.late += minute.late;
    totals.dead += minute.dead;
    totals.refused += minute.refused;
  }
  return totals;
}

/** Change data capture over all streams. */
export interface CaptureFigures {
  /** Sum over the slots that are known; null = none is. */
  readonly retainedWalBytes: number | null;
  /** The state of the first stream that does not stream, else `streaming`; null without a stream. */
  readonly state: string | null;
  /** Which streams stand still, else how many stream and when the last change came. */
  readonly words: string;
}

/** What has to be known of change data capture at first sight. */
export function captureOf({ cdc, atMs }: Pick<PipelinePayload, 'cdc' | 'atMs'>): CaptureFigures {
  const known = cdc.map(({ retainedWalBytes }) => retainedWalBytes).filter((bytes) => bytes !== null);
  const retainedWalBytes = known.length === 0 ? null : known.reduce((sum, bytes) => sum + bytes, 0);
  const idle = cdc.filter(({ state }) => state !== 'streaming');
  const [first] = idle;
  if (first !== undefined)
    return {
      retainedWalBytes,
      state: first.state,
      words: idle.map(({ name, state }) => `${name}: ${state}`).join(', '),
    };
  if (cdc.length === 0) return { retainedWalBytes, state: null, words: 'no stream is set up' };
  const lastMs = cdc.map(({ lastCommitMs }) => lastCommitMs).filter((ms) => ms !== null);
  const last =
    lastMs.length === 0 ? '' : `, last change ${formatDuration(Math.max(0, atMs - Math.max(...lastMs)))} ago`;
  return { retainedWalBytes, state: 'streaming', words: `${formatNoun(cdc.length, 'stream')}${last}` };
}

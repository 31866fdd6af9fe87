import type { DeadLetterSummary, PartitionStatus, PipelinePayload, StorageStatus } from '@ebap/pipeline/contracts';
import {
  evenFormat,
  formatAge,
  formatBytes,
  formatClock,
  formatCount,
  formatDuration,
  NO_VALUE,
  type TableCell,
  type TableData,
} from '@ebap/ui';
import { reasonWords } from './DeadLetterDrawer.tsx';
import { lagRecords } from './figures.ts';

const number = (value: number | null, format: (value: number) => string): TableCell => ({
  value,
  text: value === null ? NO_VALUE : format(value),
});
const words = (text: string): TableCell => ({ value: text, text });

/** Where every task's partitions stand. */
export function partitionsTable(pipeline: PipelinePayload, zone: string): TableData {
  const rate = evenFormat(pipeline.partitions.map((partition) => partition.recordsPerSecond));
  return {
    caption: 'Partitions',
    columns: [
      { key: 'task', title: 'Task' },
      { key: 'partition', title: 'Partition' },
      { key: 'state', title: 'State' },
      { key: 'rate', title: 'Records/s', align: 'end', isSecondary: true },
      { key: 'lag', title: 'Lag, records', align: 'end' },
      { key: 'watermark', title: 'Watermark', align: 'end' },
      { key: 'cut', title: 'Cut', align: 'end', isSecondary: true },
      { key: 'age', title: 'Checkpoint', align: 'end' },
      { key: 'took', title: 'Took', align: 'end', isSecondary: true },
      { key: 'bytes', title: 'Size', align: 'end', isSecondary: true },
      { key: 'owner', title: 'Owner', isMono: true, isSecondary: true },
      { key: 'epoch', title: 'Epoch', align: 'end', isSecondary: true },
    ],
    rows: pipeline.partitions.map((partition) => partitionRow(partition, pipeline.atMs, zone, rate)),
  };
}

function partitionRow(
  partition: PartitionStatus,
  atMs: number,
  zone: string,
  formatRate: (recordsPerSecond: number) => string,
) {
  const ageMs = partition.lastCheckpointMs === null ? null : Math.max(0, atMs - partition.lastCheckpointMs);
  return {
    key: `${partition.task}/${partition.partition}`,
    cells: [
      words(partition.task),
      number(partition.partition, String),
      words(partition.state),
      number(partition.recordsPerSecond, formatRate),
      number(lagRecords(partition), formatCount),
      number(partition.watermarkMs, (ms) => formatClock(ms, zone, 'second')),
      number(partition.cut, formatCount),
      number(ageMs, (ms) => `${formatDuration(ms)} ago`),
      number(partition.lastCheckpointMs === null ? null : partition.checkpointDurationMs, formatDuration),
      number(partition.lastCheckpointMs === null ? null : partition.checkpointBytes, formatBytes),
      words(partition.owner),
      number(partition.epoch, formatCount),
    ],
  };
}

/** The topics of the log. */
export function topicsTable(pipeline: PipelinePayload): TableData {
  const rate = evenFormat(pipeline.topics.map((topic) => topic.recordsPerSecond));
  return {
    caption: 'Topics',
    columns: [
      { key: 'name', title: 'Topic', isMono: true },
      { key: 'partitions', title: 'Partitions', align: 'end' },
      { key: 'records', title: 'Records', align: 'end' },
      { key: 'rate', title: 'Records/s', align: 'end' },
    ],
    rows: pipeline.topics.map((topic) => ({
      key: topic.name,
      cells: [
        words(topic.name),
        number(topic.partitions, formatCount),
        number(topic.records, formatCount),
        number(topic.recordsPerSecond, rate),
      ],
    })),
  };
}

/** Dead letters by reason: the columns add up to the ledger's totals. */
export function deadLettersTable(letters: readonly DeadLetterSummary[], atMs: number, caption: string): TableData {
  return {
    caption,
    columns: [
      { key: 'reason', title: 'Reason', isMono: true },
      { key: 'meaning', title: 'What it means', isSecondary: true, isProse: true },
      { key: 'log', title: 'On the log', align: 'end' },
      { key: 'edge', title: 'At the edge', align: 'end' },
      { key: 'last', title: 'Last seen', align: 'end', isSecondary: true },
    ],
    rows: letters.map((group) => ({
      key: group.reason,
      cells: [
        words(group.reason),
        words(reasonWords(group.reason)),
        number(group.onLog, formatCount),
        number(group.atEdge, formatCount),
        number(group.lastSeenMs, (ms) => formatAge(atMs - ms)),
      ],
    })),
  };
}

/** What is used of the data folder's limit, by part. */
export function storageTable({ parts, usedBytes, limitBytes }: StorageStatus): TableData {
  const rows = [...parts, { name: 'All', usedBytes, shareBytes: limitBytes }];
  return {
    caption: 'Storage',
    columns: [
      { key: 'part', title: 'Part', isGrowing: true },
      { key: 'used', title: 'Used', align: 'end' },
      { key: 'share', title: 'Limit', align: 'end' },
    ],
    rows: rows.map((part) => ({
      key: part.name,
      cells: [words(part.name), number(part.usedBytes, formatBytes), number(part.shareBytes, formatBytes)],
    })),
  };
}

/** Change data capture, a row per stream; columns that this profile knows nothing for are left out. */
export function cdcTable(pipeline: PipelinePayload): TableData {
  const { cdc, atMs } = pipeline;
  const has = (field: 'message' | 'lastCommitMs' | 'delivered') => cdc.some((stream) => stream[field] !== null);
  const [hasLast, hasDelivered, hasMessages] = [has('lastCommitMs'), has('delivered'), has('message')];
  return {
    caption: 'Change data capture',
    columns: [
      { key: 'name', title: 'Stream' },
      { key: 'state', title: 'State' },
      { key: 'wal', title: 'Retained WAL', align: 'end' },
      { key: 'slot', title: 'Slot', isMono: true, isSecondary: true },
      ...(hasLast ? [{ key: 'commit', title: 'Last change', align: 'end' } as const] : []),
      ...(hasDelivered ? [{ key: 'delivered', title: 'Delivered', align: 'end', isSecondary: true } as const] : []),
      ...(hasMessages ? [{ key: 'message', title: 'Message', isProse: true }] : []),
    ],
    rows: cdc.map((stream) => {
      const sinceMs = stream.lastCommitMs === null ? null : Math.max(0, atMs - stream.lastCommitMs);
      return {
        key: stream.name,
        cells: [
          words(stream.name),
          words(stream.state),
          number(stream.retainedWalBytes, formatBytes),
          words(stream.slot),
          ...(hasLast ? [number(sinceMs, (ms) => `${formatDuration(ms)} ago`)] : []),
          ...(hasDelivered ? [number(stream.delivered, formatCount)] : []),
          ...(hasMessages ? [words(stream.message ?? '')] : []),
        ],
      };
    }),
  };
}

import type { LogBatch } from '@ebap/pipeline/ports';
import type { FetchedPartition } from '../protocol/fetch.ts';
import { decodeColumns, type RecordColumns, scanBatches } from '../records/index.ts';

const UNKNOWN = { appendMs: 0, nextOffset: 0 };

export interface ReadPartition {
  readonly batch: LogBatch;
  /** Bytes to ask for where not even the first batch fitted. Else 0. */
  readonly neededBytes: number;
  /** Offset up to which committed records can be read now. */
  readonly readableEnd: number;
}

/** Turns a partition's part of an answer into a `LogBatch`, and remembers how far each partition is known in time. */
export class PartitionReader {
  readonly #checkCrc: boolean;
  /** Append time of the newest record seen, and the offset after it, by topic id and partition. */
  readonly #newest = new Map<string, { readonly appendMs: number; readonly nextOffset: number }>();

  constructor(checkCrc: boolean) {
    this.#checkCrc = checkCrc;
  }

  /** @throws AppError `corrupt_data`, `unsupported_version` */
  read(topic: string, fromOffset: number, found: FetchedPartition): ReadPartition {
    const { partition, highWatermark, lastStableOffset } = found;
    const scanned = scanBatches(found.records, found.aborted, { checkCrc: this.#checkCrc });
    const columns = decodeColumns(scanned.sections, fromOffset);
    const batch: LogBatch = {
      topic,
      partition,
      ...columns,
      nextOffset: Math.max(fromOffset, scanned.nextOffset ?? fromOffset),
      endOffset: highWatermark,
      readThroughMs: this.#readThroughMs(found, fromOffset, columns),
    };
    return { batch, neededBytes: scanned.neededBytes, readableEnd: Math.min(highWatermark, lastStableOffset) };
  }

  /**
   * Records that follow may still have the newest append time: the log's clock counts milliseconds. An empty answer is
   * one at the end, so there the newest time of the whole partition holds; unless another reader has meanwhile seen
   * what was written after this answer (there are two connections), whose time says nothing of what comes before it.
   */
  #readThroughMs({ topicId, partition }: FetchedPartition, fromOffset: number, columns: RecordColumns): number {
    const key = `${topicId}/${partition}`;
    const { count, appendTimesMs, offsets } = columns;
    const newest = this.#newest.get(key) ?? UNKNOWN;
    if (count === 0) return newest.nextOffset <= fromOffset ? newest.appendMs - 1 : UNKNOWN.appendMs - 1;
    const appendMs = appendTimesMs[count - 1] ?? 0;
    const nextOffset = (offsets[count - 1] ?? 0) + 1;
    if (nextOffset > newest.nextOffset)
      this.#newest.set(key, { appendMs: Math.max(appendMs, newest.appendMs), nextOffset });
    return appendMs - 1;
  }
}

import type { LogBatch } from '@ebap/pipeline/ports';
import type { FetchedPartition } from '../protocol/fetch.ts';
import { decodeColumns, scanBatches } from '../records/index.ts';

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
  /** Append time of the newest record seen, by topic id and partition. */
  readonly #newestMs = new Map<string, number>();

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
      readThroughMs: this.#readThroughMs(found, columns.count, columns.appendTimesMs),
    };
    return { batch, neededBytes: scanned.neededBytes, readableEnd: Math.min(highWatermark, lastStableOffset) };
  }

  /**
   * Records that follow may still have the newest append time: the log's clock counts milliseconds. An empty answer is
   * one at the end, so there the newest time of the whole partition holds.
   */
  #readThroughMs({ topicId, partition }: FetchedPartition, count: number, appendTimesMs: Float64Array): number {
    const key = `${topicId}/${partition}`;
    const newestMs = this.#newestMs.get(key) ?? 0;
    const lastMs = count === 0 ? newestMs : (appendTimesMs[count - 1] ?? 0);
    if (lastMs > newestMs) this.#newestMs.set(key, lastMs);
    return lastMs - 1;
  }
}

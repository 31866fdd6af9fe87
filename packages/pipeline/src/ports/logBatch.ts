/**
 * A run of consecutive records of one partition, columnar so that the hot loop allocates nothing per record:
 * all keys and values are slices of `bytes`.
 */
export interface LogBatch {
  readonly topic: string;
  readonly partition: number;
  /** Number of records. All arrays below have at least this length. */
  readonly count: number;
  /** Offset per record, strictly increasing; gaps only where the log was compacted. */
  readonly offsets: Float64Array;
  /** Append time per record in ms since the epoch: the log's clock of the partition, see `EventLog`. */
  readonly appendTimesMs: Float64Array;
  readonly bytes: Uint8Array;
  /** Half-open slices `[start, end)` of `bytes`; start = -1 means null. */
  readonly keyStarts: Int32Array;
  readonly keyEnds: Int32Array;
  readonly valueStarts: Int32Array;
  readonly valueEnds: Int32Array;
  /** 1 where the record is a tick: written by the partition's owner to carry the append clock through silence. */
  readonly ticks: Uint8Array;
  /** Headers of the records that have any (sparse), by index in this batch. */
  readonly headers: ReadonlyMap<number, LogHeaders>;
  /** The next offset to fetch: last offset + 1, or where the fetch began if nothing was there. */
  readonly nextOffset: number;
  /** The log's end (next offset to be written) when the fetch was answered. Lag = endOffset - nextOffset. */
  readonly endOffset: number;
  /**
   * No record that a later fetch of this partition returns has an append time ≤ this. The merge of two
   * partitions rests on it alone, so an adapter that can't know better says `last append time - 1`.
   */
  readonly readThroughMs: number;
}

export type LogHeaders = Readonly<Record<string, Uint8Array>>;

/** Header name that marks a tick. Ticks have a null key and a null value. */
export const TICK_HEADER = 'ebap-tick';

export interface BatchRecord {
  readonly offset: number;
  readonly appendTimeMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers?: LogHeaders | undefined;
}

/** Packs records into a batch. For adapters without a columnar source, and for tests. */
export function packBatch(
  position: { topic: string; partition: number; nextOffset: number; endOffset: number; readThroughMs: number },
  records: readonly BatchRecord[],
): LogBatch {
  const count = records.length;
  let size = 0;
  for (const r of records) size += (r.key?.length ?? 0) + (r.value?.length ?? 0);
  const bytes = new Uint8Array(size);
  const offsets = new Float64Array(count);
  const appendTimesMs = new Float64Array(count);
  const keyStarts = new Int32Array(count).fill(-1);
  const keyEnds = new Int32Array(count).fill(-1);
  const valueStarts = new Int32Array(count).fill(-1);
  const valueEnds = new Int32Array(count).fill(-1);
  const ticks = new Uint8Array(count);
  const headers = new Map<number, LogHeaders>();
  let at = 0;
  records.forEach((r, i) => {
    offsets[i] = r.offset;
    appendTimesMs[i] = r.appendTimeMs;
    if (r.key !== null) {
      bytes.set(r.key, at);
      keyStarts[i] = at;
      at += r.key.length;
      keyEnds[i] = at;
    }
    if (r.value !== null) {
      bytes.set(r.value, at);
      valueStarts[i] = at;
      at += r.value.length;
      valueEnds[i] = at;
    }
    if (r.headers !== undefined) {
      headers.set(i, r.headers);
      if (TICK_HEADER in r.headers) ticks[i] = 1;
    }
  });
  return {
    ...position,
    count,
    offsets,
    appendTimesMs,
    bytes,
    keyStarts,
    keyEnds,
    valueStarts,
    valueEnds,
    ticks,
    headers,
  };
}

/** The record at `index` as an object. Convenient, not for hot loops. Key and value are views into the batch. */
export function recordAt(batch: LogBatch, index: number): BatchRecord {
  const ks = batch.keyStarts[index] ?? -1;
  const vs = batch.valueStarts[index] ?? -1;
  return {
    offset: batch.offsets[index] ?? -1,
    appendTimeMs: batch.appendTimesMs[index] ?? 0,
    key: ks < 0 ? null : batch.bytes.subarray(ks, batch.keyEnds[index]),
    value: vs < 0 ? null : batch.bytes.subarray(vs, batch.valueEnds[index]),
    headers: batch.headers.get(index),
  };
}

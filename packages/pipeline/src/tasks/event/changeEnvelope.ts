import type { LogBatch } from '../../ports/logBatch.ts';

/** The parts of a Debezium envelope that tasks read. */
export interface ChangeEnvelope {
  readonly op: 'r' | 'c' | 'u' | 'd';
  readonly table: string;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
  /** Commit time in the source database, ms. */
  readonly commitMs: number;
}

const text = new TextDecoder();

/** The change that record `i` tells; null if it tells none (see {@link parseChange}). */
export function changeAt(batch: LogBatch, i: number): ChangeEnvelope | null {
  const start = batch.valueStarts[i] as number;
  return start < 0 ? null : parseChange(batch.bytes.subarray(start, batch.valueEnds[i]));
}

/** Parses a change record's value; null if it is not an envelope of a row change (tombstone, heartbeat, garbage). */
export function parseChange(bytes: Uint8Array): ChangeEnvelope | null {
  let json: unknown;
  try {
    json = JSON.parse(text.decode(bytes));
  } catch {
    return null;
  }
  if (!isObject(json) || !isObject(json.source)) return null;
  const { op, before, after } = json;
  if (op !== 'r' && op !== 'c' && op !== 'u' && op !== 'd') return null;
  const { table, ts_ms: commitMs } = json.source;
  if (typeof table !== 'string' || typeof commitMs !== 'number') return null;
  return { op, table, before: isObject(before) ? before : null, after: isObject(after) ? after : null, commitMs };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Column as text, empty if missing. */
export function string(row: Readonly<Record<string, unknown>>, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : '';
}

/** Column as a number: numbers, decimal text, and timestamps (ISO text or Debezium's microseconds) as ms. */
export function number(row: Readonly<Record<string, unknown>>, column: string): number {
  const value = row[column];
  if (typeof value === 'number') return value > 1e14 ? value / 1_000 : value;
  if (typeof value !== 'string') return 0;
  const direct = Number(value);
  return Number.isNaN(direct) ? Date.parse(value) : direct;
}

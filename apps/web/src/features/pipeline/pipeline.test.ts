import type { PartitionStatus, PipelinePayload } from '@ebap/pipeline/contracts';
import { describe, expect, it } from 'vitest';
import { reasonWords } from './DeadLetterDrawer.tsx';
import { captureOf, lagMs, ledgerTotals, oldestWatermarkMs, totalLagRecords } from './figures.ts';
import { ledgerModel } from './ledgerModel.ts';
import { cdcTable, deadLettersTable, partitionsTable, storageTable, topicsTable } from './tables.ts';

const MINUTE_MS = 60_000;

function partition(change: Partial<PartitionStatus> = {}): PartitionStatus {
  return {
    task: 'event',
    partition: 0,
    owner: 'w1',
    epoch: 3,
    nextOffset: 10,
    endOffset: 10,
    watermarkMs: 500,
    appendMs: 900,
    cut: 4,
    recordsPerSecond: 12.3,
    lastCheckpointMs: null,
    checkpointBytes: 0,
    checkpointDurationMs: 0,
    state: 'running',
    message: null,
    ...change,
  };
}

function pipeline(change: Partial<PipelinePayload> = {}): PipelinePayload {
  return {
    atMs: 1_000,
    topics: [],
    partitions: [partition()],
    ledger: [],
    deadLetters: [],
    systemDeadLetters: null,
    storage: null,
    cdc: [],
    latency: { p50: null, p95: null, p99: null, samples: 0 },
    ingest: { acceptedPerSecond: 0, rejectedPerSecond: 0 },
    ...change,
  };
}

describe('figures', () => {
  it('a partition that has read to the end does not lag, however old its last record', () => {
    expect(lagMs(pipeline({ atMs: 99_000 }))).toBe(0);
  });

  it('the slowest partition is the lag', () => {
    const status = pipeline({ atMs: 5_000, partitions: [partition(), partition({ nextOffset: 4, appendMs: 2_000 })] });
    expect([lagMs(status), totalLagRecords(status)]).toEqual([3_000, 6]);
  });

  it('nothing is known before anything was read', () => {
    expect(lagMs(pipeline({ partitions: [partition({ appendMs: null })] }))).toBeNull();
    expect(oldestWatermarkMs(pipeline({ partitions: [] }))).toBeNull();
    expect(oldestWatermarkMs(pipeline({ partitions: [partition(), partition({ watermarkMs: null })] }))).toBeNull();
  });

  it('what is final is so in every partition', () => {
    expect(oldestWatermarkMs(pipeline({ partitions: [partition({ watermarkMs: 700 }), partition()] }))).toBe(500);
  });
});

describe('ledger', () => {
  const ledger = [
    { minuteMs: 0, counted: 10, duplicate: 1, late: 2, dead: 3, refused: 4 },
    { minuteMs: 2 * MINUTE_MS, counted: 20, duplicate: 0, late: 0, dead: 0, refused: 0 },
  ];

  it('adds up to all that arrived', () => {
    expect(ledgerTotals(pipeline({ ledger }))).toEqual({ counted: 30, duplicate: 1, late: 2, dead: 3, refused: 4 });
  });

  it('a silent beginning is left out, down to a quarter of an hour', () => {
    const silent = { counted: 0, duplicate: 0, late: 0, dead: 0, refused: 0 };
    const twoHours = (firstMinute: number) =>
      pipeline({
        ledger: Array.from({ length: 120 }, (_, minute) => ({
          ...silent,
          minuteMs: minute * MINUTE_MS,
          counted: minute < firstMinute ? 0 : 7,
        })),
      });
    const shape = (firstMinute: number) => {
      const model = ledgerModel(twoHours(firstMinute));
      return model && [model.startMs / MINUTE_MS, model.steps];
    };
    expect([0, 60, 118].map(shape)).toEqual([
      [0, 120],
      [60, 60],
      [105, 15],
    ]);
    expect(shape(120)).toBeNull();
  });

  it('a minute without an entry had nothing, and the one that runs is not drawn', () => {
    const model = ledgerModel(pipeline({ ledger, atMs: 2.5 * MINUTE_MS }));
    expect(model?.plots[0]?.series[0]?.values).toEqual([10, 0, null]);
    expect(model?.finalThroughMs).toBe(2 * MINUTE_MS);
  });

  it('is nothing before anything arrived', () => {
    const silent = { minuteMs: 0, counted: 0, duplicate: 0, late: 0, dead: 0, refused: 0 };
    expect([ledgerModel(pipeline()), ledgerModel(pipeline({ ledger: [silent] }))]).toEqual([null, null]);
  });
});

describe('tables', () => {
  it('unknown is a dash, not a zero', () => {
    const [row] = partitionsTable(pipeline({ partitions: [partition({ watermarkMs: null, cut: null })] }), 'UTC').rows;
    expect(row?.cells.map((cell) => cell.text)).toEqual([
      'event',
      '0',
      'running',
      '12.3',
      '0',
      '–',
      '–',
      '–',
      '–',
      '–',
      'w1',
      '3',
    ]);
  });

  it('reasons are told in words', () => {
    const table = deadLettersTable(
      [{ reason: 'invalid_id', count: 5, onLog: 2, atEdge: 3, lastSeenMs: -1_000 }],
      1_000,
      'Dead letters',
    );
    expect(table.rows[0]?.cells.map((cell) => cell.text)).toEqual([
      'invalid_id',
      'The id is not a UUID.',
      '2',
      '3',
      '2\u00a0s ago',
    ]);
    expect(reasonWords('not_known_here')).toBe('not_known_here');
  });

  it('storage is told by part and in all, with what each may take', () => {
    const parts = [{ name: 'Event log', usedBytes: 1 << 20, shareBytes: 3 << 20 }];
    const table = storageTable({ atMs: 0, limitBytes: 5 << 20, usedBytes: 1 << 20, parts });
    expect(table.rows.map((row) => row.cells.map((cell) => cell.value))).toEqual([
      ['Event log', 1 << 20, 3 << 20],
      ['All', 1 << 20, 5 << 20],
    ]);
  });

  it('topics and change streams are listed', () => {
    const status = pipeline({
      topics: [{ name: 'ebap.dlq', partitions: 4, records: 12_345, recordsPerSecond: 0 }],
      cdc: [
        {
          name: 'users',
          state: 'streaming',
          slot: 's',
          retainedWalBytes: 2_048,
          lastCommitMs: null,
          delivered: 5,
          message: null,
        },
        {
          name: 'reference',
          state: 'failed',
          slot: 'r',
          retainedWalBytes: null,
          lastCommitMs: null,
          delivered: null,
          message: 'no such publication',
        },
      ],
    });
    expect(topicsTable(status).rows[0]?.cells.map((cell) => cell.text)).toEqual(['ebap.dlq', '4', '12,345', '0']);
    const { columns, rows } = cdcTable(status);
    // Of what nothing is known there is no column.
    expect(columns.map(({ title }) => title)).toEqual([
      'Stream',
      'State',
      'Retained WAL',
      'Slot',
      'Delivered',
      'Message',
    ]);
    expect(rows.map((row) => row.cells.map((cell) => cell.text))).toEqual([
      ['users', 'streaming', '2.0\u00a0KiB', 's', '5', ''],
      ['reference', 'failed', '–', 'r', '–', 'no such publication'],
    ]);
  });

  it('change capture is told in one tile: what stands still, and all the log that is held back', () => {
    const stream = (name: string, state: string, retainedWalBytes: number | null, lastCommitMs: number | null) => ({
      ...{ name, state, retainedWalBytes, lastCommitMs, slot: name, delivered: null, message: null },
    });
    const [users, reference] = [stream('users', 'streaming', 2_048, 4_000), stream('reference', 'failed', 1_024, null)];
    expect(captureOf({ atMs: 5_000, cdc: [users, reference] })).toEqual({
      retainedWalBytes: 3_072,
      state: 'failed',
      words: 'reference: failed',
    });
    expect(captureOf({ atMs: 5_000, cdc: [users] }).words).toMatch(/^1 stream, last change 1(\.0)?\Ws ago$/);
    expect(captureOf({ atMs: 5_000, cdc: [] })).toMatchObject({ retainedWalBytes: null, state: null });
  });
});

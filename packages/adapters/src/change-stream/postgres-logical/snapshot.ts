import { AppError } from '@ebap/pipeline/errors';
import type { AppendRecord, EventLog } from '@ebap/pipeline/ports';
import pg from 'pg';
import { type ChangeTable, keyOf, type RawRow, SCHEMA } from './changeTable.ts';
import { connectRaw } from './connection.ts';
import type { Delivered } from './delivery.ts';
import type { ChangePosition, ColumnType, EnvelopeWriter } from './envelope.ts';
import { LiveKeys } from './liveKeys.ts';
import type { Lsn } from './lsn.ts';
import { createTemporarySlot, keepSlot } from './slot.ts';

export interface SnapshotTarget {
  readonly url: string;
  readonly pool: pg.Pool;
  readonly log: EventLog;
  readonly topic: string;
  readonly slot: string;
  readonly tables: readonly ChangeTable[];
  readonly envelopes: EnvelopeWriter;
  readonly stopped: AbortSignal;
  delivered(changes: readonly Delivered[]): void;
}

const FETCH_ROWS = 1_000;
const POSITION = `
  SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin, floor(extract(epoch FROM now()) * 1000) AS now_ms`;

interface TableRow {
  readonly table: ChangeTable;
  readonly columns: readonly ColumnType[];
  readonly row: RawRow;
}

/**
 * Appends every row of the tables as of one point of the log, then what has vanished since the topic was last written,
 * and leaves a slot that starts at exactly that point. The slot appears last: a snapshot that was cut short is begun
 * again. Returns the point.
 */
export async function deliverSnapshot(target: SnapshotTarget): Promise<Lsn> {
  const replication = await connectRaw(target.url, 'replication');
  try {
    const temporary = `${target.slot}_snapshot`;
    const point = await createTemporarySlot(replication, temporary);
    const sql = await connectRaw(target.url, 'sql');
    try {
      await sql.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await sql.query(`SET TRANSACTION SNAPSHOT ${pg.escapeLiteral(point.snapshotName)}`);
      await appendAll(target, sql, await positionOf(sql, point.lsn));
    } finally {
      await sql.end().catch(() => {});
    }
    await keepSlot(target.pool, temporary, target.slot);
    return point.lsn;
  } finally {
    await replication.end().catch(() => {});
  }
}

async function positionOf(sql: pg.Client, lsn: Lsn): Promise<ChangePosition> {
  const { rows } = await sql.query<{ xmin: string; now_ms: string }>(POSITION);
  const [row] = rows;
  return { txId: Number(row?.xmin), lsn, commitMs: Number(row?.now_ms), snapshot: 'true' };
}

async function appendAll(target: SnapshotTarget, sql: pg.Client, position: ChangePosition): Promise<void> {
  const { envelopes, log, topic, stopped } = target;
  const live = await LiveKeys.read(log, topic, stopped);
  const batch = new Batch(target, position.commitMs);
  let held: TableRow | null = null;
  for await (const next of rowsOf(sql, target.tables)) {
    if (held !== null) await batch.add('r', [rowRecord(envelopes, held, position)]);
    held = next;
    live.seen(keyOf(next.table, next.row));
  }
  if (held !== null) await batch.add('r', [rowRecord(envelopes, held, { ...position, snapshot: 'last' })]);
  for await (const { key, value } of live.unseen()) {
    const gone = envelopes.vanished(key, value, { ...position, snapshot: 'false' });
    await batch.add('d', [gone, envelopes.tombstone(key)]);
  }
  await batch.flush();
}

function rowRecord(envelopes: EnvelopeWriter, { table, columns, row }: TableRow, at: ChangePosition): AppendRecord {
  return envelopes.change('r', table, columns, { before: null, after: row }, at);
}

async function* rowsOf(sql: pg.Client, tables: readonly ChangeTable[]): AsyncGenerator<TableRow> {
  for (const table of tables) {
    const list = table.columns?.map(pg.escapeIdentifier).join(', ') ?? '*';
    const from = `${pg.escapeIdentifier(SCHEMA)}.${pg.escapeIdentifier(table.name)}`;
    await sql.query(`DECLARE changes NO SCROLL CURSOR FOR SELECT ${list} FROM ${from}`);
    for (;;) {
      const { rows, fields } = await sql.query<Record<string, string | null>>(`FETCH ${FETCH_ROWS} FROM changes`);
      const columns = fields.map(({ name, dataTypeID }) => ({ name, typeOid: dataTypeID }));
      for (const row of rows) yield { table, columns, row };
      if (rows.length < FETCH_ROWS) break;
    }
    await sql.query('CLOSE changes');
  }
}

/** Gathers records into appends of a useful size. */
class Batch {
  readonly #target: SnapshotTarget;
  readonly #commitMs: number;
  #records: AppendRecord[] = [];
  #changes: Delivered[] = [];

  constructor(target: SnapshotTarget, commitMs: number) {
    this.#target = target;
    this.#commitMs = commitMs;
  }

  async add(op: Delivered['op'], records: readonly AppendRecord[]): Promise<void> {
    this.#records.push(...records);
    this.#changes.push({ op, commitMs: this.#commitMs });
    if (this.#records.length >= FETCH_ROWS) await this.flush();
  }

  async flush(): Promise<void> {
    const { log, topic, stopped, delivered } = this.#target;
    if (stopped.aborted) throw new AppError('cancelled', 'stopped during the snapshot');
    if (this.#records.length === 0) return;
    await log.append(topic, this.#records);
    delivered(this.#changes);
    this.#records = [];
    this.#changes = [];
  }
}

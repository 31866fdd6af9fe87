import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@ebap/pipeline/errors';
import type { AppendRecord } from '@ebap/pipeline/ports';
import pg from 'pg';
import { inTransaction, query } from '../../postgres/index.ts';
import { changeTable, EnvelopeWriter, LiveKeys, parseLsn, SCHEMA } from '../postgres-logical/index.ts';
import type { ConnectApi } from './connectApi.ts';
import type { DebeziumChangeStreamOptions } from './options.ts';
import { sourceSlot } from './sourceSlot.ts';

interface Workplace {
  readonly connect: ConnectApi;
  readonly pool: pg.Pool;
  readonly signal: AbortSignal;
}

const POLL_MS = 100;
const STOP_WITHIN_MS = 30_000;
const BATCH_RECORDS = 1_000;
const DROP = 'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1';
const POSITION = `
  SELECT pg_current_wal_lsn() AS lsn, pg_snapshot_xmin(pg_current_snapshot()) AS xmin,
    floor(extract(epoch FROM clock_timestamp()) * 1000) AS now_ms`;

/**
 * Has the connector begin again with a snapshot. Before that, rows that the topic knows and the source does not are
 * told as deleted: a snapshot shows what there is, never what has gone. While that happens the connector is stopped,
 * so nothing can come between; cut short, it is done again from the start.
 * @throws AppError `unavailable` (retryable)
 */
export async function beginAnew(options: DebeziumChangeStreamOptions, at: Workplace): Promise<void> {
  const { connect, pool } = at;
  await connect.stop();
  await untilStopped(options, at);
  await tellVanished(options, at);
  // Only a slot made for the snapshot begins exactly where that ends.
  await query(pool, 'dropping a replication slot', DROP, [options.slot]);
  await connect.forgetOffsets();
  await connect.resume();
}

async function untilStopped(
  { slot }: DebeziumChangeStreamOptions,
  { connect, pool, signal }: Workplace,
): Promise<void> {
  const giveUpMs = performance.now() + STOP_WITHIN_MS;
  for (;;) {
    const [status, found] = await Promise.all([connect.status(), sourceSlot(pool, slot)]);
    const isIdle = found.kind === 'missing' || !found.isActive;
    if (status?.state === 'STOPPED' && status.tasks.length === 0 && isIdle) return;
    if (signal.aborted) throw new AppError('cancelled', 'stopped while the connector stops');
    if (performance.now() > giveUpMs)
      throw new AppError('unavailable', 'the connector does not stop', { retryable: true });
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
}

async function tellVanished(options: DebeziumChangeStreamOptions, { pool, signal }: Workplace): Promise<void> {
  const { log, topic, partitions, connector, url } = options;
  const live = await LiveKeys.read(log, topic, signal);
  await forEachKey(options, pool, (key) => live.seen(key));
  const database = decodeURIComponent(new URL(url).pathname.slice(1));
  const envelopes = new EnvelopeWriter({ connectorName: connector, database }, partitions, Date.now);
  const position = await currentPosition(pool);
  let records: AppendRecord[] = [];
  const flush = async (): Promise<void> => {
    if (signal.aborted) throw new AppError('cancelled', 'stopped while telling what has gone');
    if (records.length > 0) await log.append(topic, records);
    records = [];
  };
  for await (const { key, value } of live.unseen()) {
    records.push(envelopes.vanished(key, value, position), envelopes.tombstone(key));
    if (records.length >= BATCH_RECORDS) await flush();
  }
  await flush();
}

async function currentPosition(pool: pg.Pool) {
  const [row] = await query<{ lsn: string; xmin: string; now_ms: string }>(pool, 'reading the position', POSITION);
  const commitMs = Number(row?.now_ms);
  return { txId: Number(row?.xmin), lsn: parseLsn(row?.lsn ?? '0/0'), commitMs, snapshot: 'false' } as const;
}

/** The message keys of all rows of all tables, as of one moment. */
async function forEachKey(
  { tables }: DebeziumChangeStreamOptions,
  pool: pg.Pool,
  seen: (key: string) => void,
): Promise<void> {
  await inTransaction(pool, 'reading keys', async (client) => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    for (const { name } of tables.map(changeTable)) {
      const from = `${pg.escapeIdentifier(SCHEMA)}.${pg.escapeIdentifier(name)}`;
      await client.query(`DECLARE keys NO SCROLL CURSOR FOR SELECT log_key FROM ${from}`);
      for (;;) {
        const { rows } = await client.query<{ log_key: string }>(`FETCH ${BATCH_RECORDS} FROM keys`);
        for (const { log_key: key } of rows) seen(key);
        if (rows.length < BATCH_RECORDS) break;
      }
      await client.query('CLOSE keys');
    }
  });
}

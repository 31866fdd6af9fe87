import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventLog } from '@ebap/pipeline/ports';
import pg from 'pg';
import { openEmbeddedEventLog } from '../../../event-log/index.ts';
import type { TestCluster } from '../../../postgres/testing/testCluster.ts';
import type { ChangeStreamUnderTest } from '../../conformance.ts';
import { readTopic } from '../../testing/readTopic.ts';
import { openPostgresChangeStream, type PostgresChangeStream, type PostgresChangeStreamOptions } from '../index.ts';

export interface Fixture extends ChangeStreamUnderTest {
  readonly url: string;
  readonly slot: string;
  readonly log: EventLog;
  open(changes?: Partial<PostgresChangeStreamOptions>): PostgresChangeStream;
}

/** A new database of the cluster, an embedded log, and a stream between them. */
export async function fixture(cluster: TestCluster, partitions = 4): Promise<Fixture> {
  const url = await cluster.createDatabase();
  const dir = await mkdtemp(join(tmpdir(), 'change-stream-'));
  const log = await openEmbeddedEventLog({ dir });
  const topic = 'changes';
  await log.createTopic({ name: topic, partitions, cleanup: 'compact', retentionMs: 604_800_000 });
  const slot = `slot_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  const pool = new pg.Pool({ connectionString: url, max: 6 });
  pool.on('error', () => {});
  return {
    url,
    slot,
    log,
    partitions,
    open: (changes = {}) =>
      openPostgresChangeStream({
        ...{ url, log, topic, partitions, slot, publication: slot, tables: ['users'] },
        ...changes,
      }),
    async sql(text, values = []) {
      const { rows } = await pool.query<Record<string, unknown>>(text, [...values]);
      return rows;
    },
    read: () => readTopic(log, topic, partitions),
    async dispose() {
      await pool.query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1', [
        slot,
      ]);
      await pool.end();
      await log.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

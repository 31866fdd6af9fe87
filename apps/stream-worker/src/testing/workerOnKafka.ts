import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPostgresCheckpointStore } from '@ebap/adapters/checkpoint-store';
import { systemClock } from '@ebap/adapters/clock';
import { openDeadLetterCipher } from '@ebap/adapters/dead-letters';
import { openKafkaEventLog } from '@ebap/adapters/event-log';
import { openLocalFileIO } from '@ebap/adapters/file-io';
import { openEmbeddedHotStore } from '@ebap/adapters/hot-store';
import { poolFrom } from '@ebap/adapters/postgres';
import { openConfluentSchemaRegistry, openSchemaVersions } from '@ebap/adapters/schema-registry';
import { migrate } from '@ebap/db';
import { type DeadLetter, RAW_EVENT_SCHEMA, TOPICS, topicSpecs } from '@ebap/pipeline/contracts';
import { hotKeys } from '@ebap/pipeline/hot';
import { recordAt } from '@ebap/pipeline/ports';
import { eventTaskKind, rollupTaskKind, WorkerGroup } from '@ebap/pipeline/runtime';
import { inject } from 'vitest';
import { ownTopics } from './ownTopics.ts';

/** Few partitions start fast; what is tested is the same for fifty. */
const SIZE = 'embedded';
const SETTINGS = {
  checkpointEveryMs: 1_000,
  tickEveryMs: 100,
  idleTickEveryMs: 400,
  fetchMaxBytes: 1 << 20,
  leaseTtlMs: 10_000,
  balanceEveryMs: 250,
};
const MINUTE_MS = 60_000;

/** The stream worker's tasks on real brokers, registry and database, under names that nobody else has. */
export type WorkerOnKafka = Awaited<ReturnType<typeof startWorkerOnKafka>>;

/** Starts it with one workspace, whose currency is the euro, and the older version of the event schema registered. */
export async function startWorkerOnKafka(workspace: string, versions: { readonly older: object }) {
  const { kafka, registryUrl } = inject('engines');
  const prefix = `foreign-${randomUUID()}`;
  const dir = await mkdtemp(join(tmpdir(), 'ebap-foreign-'));
  const database = await ownDatabase();
  const log = ownTopics(await openKafkaEventLog({ brokers: kafka.brokers, clientId: 'worker' }), prefix);
  const specs = topicSpecs(SIZE);
  for (const spec of specs) await log.createTopic(spec);
  await log.append(TOPICS.cdcReference, [{ partition: 0, key: utf8('workspaces'), value: workspaceRow(workspace) }]);

  const registry = openConfluentSchemaRegistry({ url: registryUrl });
  const register = (schema: object) => registry.register(`${prefix}-value`, JSON.stringify(schema));
  const older = await register(versions.older);
  const own = await register(RAW_EVENT_SCHEMA);

  const nowMs = (): number => systemClock.nowMs();
  const cipher = openDeadLetterCipher(randomBytes(32), nowMs);
  const store = openPostgresCheckpointStore({ url: database.url });
  const hot = await openEmbeddedHotStore({ dir: join(dir, 'hot') });
  const files = await openLocalFileIO({ dir: join(dir, 'files') });
  const partitionsOf = (topic: string): number => specs.find(({ name }) => name === topic)?.partitions ?? 0;
  const partitions = partitionsOf(TOPICS.eventsRaw);
  const partialPartitions = partitionsOf(TOPICS.windowsPartial);
  const schemas = openSchemaVersions({ registry, own, nowMs });
  const faults: unknown[] = [];
  const group = new WorkerGroup(
    [
      {
        kind: eventTaskKind(
          { partitions, partialPartitions, schemas, feedPerCut: 8 },
          { log, hot, clock: systemClock, seal: (payload) => cipher.seal(payload) },
        ),
        partitions,
      },
      { kind: rollupTaskKind(partitions, { hot, clock: systemClock }), partitions: partialPartitions },
    ],
    { log, store, files, clock: systemClock },
    SETTINGS,
    'foreign-producers',
    (_, error) => faults.push(error),
  );
  const stop = new AbortController();
  const startedMs = nowMs();
  const running = group.run(stop.signal);

  return {
    /** What producers know: the topic by its name on the brokers, and the ids of the versions. */
    topic: `${prefix}.${TOPICS.eventsRaw}`,
    partitions,
    olderId: older.id,
    ownId: own.id,
    register,
    /** Registers a schema of another kind under a subject of its own. @returns its id */
    async registerForeign(schemaType: 'JSON' | 'PROTOBUF', schema: string): Promise<number> {
      const answer = await fetch(`${registryUrl}/subjects/${prefix}-${schemaType}-value/versions`, {
        method: 'POST',
        headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
        body: JSON.stringify({ schemaType, schema }),
      });
      const found: unknown = JSON.parse(await answer.text())?.id;
      if (typeof found !== 'number') throw new Error(`the registry answers ${answer.status}`);
      return found;
    },
    /** What became of the workspace's records: outcome → count. */
    async ledger(of: string): Promise<Readonly<Record<string, number>>> {
      const total: Record<string, number> = {};
      const firstMs = Math.floor(startedMs / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
      for (let minuteMs = firstMs; minuteMs <= nowMs() + MINUTE_MS; minuteMs += MINUTE_MS)
        for (const [field, count] of await hot.readHash(hotKeys.ledger(of, minuteMs))) {
          const outcome = field.slice(field.indexOf('/') + 1);
          total[outcome] = (total[outcome] ?? 0) + Number(count);
        }
      return total;
    },
    /** The dead letter of a record, opened; undefined while there is none. */
    async deadLetter(partition: number, offset: number) {
      const { end } = await log.offsets(TOPICS.deadLetters, partition);
      for (let from = 0; from < end; ) {
        const batch = await log.fetch(TOPICS.deadLetters, partition, from);
        for (let i = 0; i < batch.count; i++) {
          const letter: DeadLetter = JSON.parse(Buffer.from(recordAt(batch, i).value ?? []).toString());
          if (letter.source?.offset === offset) return { ...letter, original: Buffer.from(cipher.open(letter)) };
        }
        from = batch.nextOffset;
      }
      return undefined;
    },
    /** How its partitions are; `faults` of partitions that ended. */
    states: () => new Set(group.owned.map(({ status }) => status.state)),
    owned: () => group.owned.length,
    expectedPartitions: partitions + partialPartitions,
    faults,
    async stop(): Promise<void> {
      stop.abort();
      await running;
      await Promise.all([log.close(), hot.close(), store.close()]);
      await database.drop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function ownDatabase(): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const { postgresUrl } = inject('engines');
  const name = `foreign_${randomUUID().replaceAll('-', '')}`;
  const { pool, close } = poolFrom({ url: postgresUrl });
  await pool.query(`CREATE DATABASE ${name}`);
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  await migrate(url.href);
  return {
    url: url.href,
    async drop() {
      await pool.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await close();
    },
  };
}

function workspaceRow(id: string): Uint8Array {
  const source = { table: 'workspaces', ts_ms: 0 };
  return utf8(JSON.stringify({ op: 'c', source, before: null, after: { id, currency: 'EUR' } }));
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

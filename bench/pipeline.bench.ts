/**
 * Log → operators → hot store with checkpoints: events per second and core on a log that is full when the worker
 * starts. People have a home region and a platform of their own and leave them for one event in twenty. Prints one
 * JSON line. `--events N --users N`; `--profile FILE` writes a CPU profile of the measured part.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '@ebap/adapters/clock';
import { openEmbeddedEventLog } from '@ebap/adapters/event-log';
import { openLocalFileIO } from '@ebap/adapters/file-io';
import { openEmbeddedHotStore } from '@ebap/adapters/hot-store';
import {
  encodeRawEvent,
  eventKey,
  PARTITIONS,
  PLATFORMS,
  partitionFor,
  TOPICS,
  topicSpecs,
} from '@ebap/pipeline/contracts';
import type { AppendRecord, EventLog } from '@ebap/pipeline/ports';
import { eventTaskKind, rollupTaskKind, WorkerGroup } from '@ebap/pipeline/runtime';
import { onlySchema } from '@ebap/pipeline/tasks';
import { Random } from '../trials/sim/random.ts';
import { openMemoryCheckpointStore } from './memoryCheckpointStore.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '4000000' },
    users: { type: 'string', default: '100000' },
    profile: { type: 'string' },
  },
});
const EVENTS = Number(values.events);
const USERS = Number(values.users);
const { keyed, partial } = PARTITIONS.embedded;
const utf8 = new TextEncoder();
const REGIONS = [
  'us-east-1',
  'us-west-2',
  'eu-west-1',
  'eu-central-1',
  'ap-south-1',
  'ap-southeast-1',
  'sa-east-1',
  'af-south-1',
  'me-central-1',
  'ca-central-1',
  'ap-northeast-1',
  'eu-north-1',
];

function change(table: string, row: unknown): Uint8Array {
  return utf8.encode(JSON.stringify({ before: null, after: row, op: 'r', source: { table, ts_ms: 1 } }));
}

async function fill(log: EventLog): Promise<void> {
  const r = new Random(1);
  const reference = (table: string, id: string, row: unknown): AppendRecord => ({
    partition: 0,
    key: utf8.encode(`${table}:${id}`),
    value: change(table, row),
  });
  await log.append(TOPICS.cdcReference, [
    reference('workspaces', 'meridian', { id: 'meridian', currency: 'EUR' }),
    reference('rates', 'EUR', { currency: 'EUR', rate: '1', valid_from: 0 }),
    reference('rates', 'USD', { currency: 'USD', rate: '0.92', valid_from: 0 }),
    ...REGIONS.map((code, i) => reference('regions', code, { code, name: code, lat: -50 + i * 9, lng: -170 + i * 29 })),
  ]);
  const users = Array.from({ length: USERS }, (_, u) => {
    const key = utf8.encode(eventKey('meridian', `user-${u}`));
    return {
      key,
      partition: partitionFor(key, keyed),
      region: r.pick(REGIONS),
      at: `${(r.next() * 120 - 60).toFixed(3)},${(r.next() * 360 - 180).toFixed(3)}`,
      platform: r.pick(PLATFORMS),
    };
  });
  for (let from = 0; from < USERS; from += 5_000)
    await log.append(
      TOPICS.cdcUsers,
      users.slice(from, from + 5_000).map(({ key, partition }, i) => ({
        partition,
        key,
        value: change('users', { tier: ['free', 'gold', 'silver'][i % 3] }),
      })),
    );
  for (let sent = 0; sent < EVENTS; sent += 5_000) {
    const records: AppendRecord[] = [];
    for (let i = 0; i < 5_000; i++) {
      const u = r.int(USERS);
      const user = users[u];
      if (user === undefined) continue;
      const roll = r.next();
      const action = roll < 0.7 ? 'view' : roll < 0.9 ? 'cart' : roll < 0.95 ? 'purchase' : 'login';
      const value = encodeRawEvent(
        {
          workspaceId: 'meridian',
          id: r.uuid(),
          userId: `user-${u}`,
          action,
          timestampMs: Date.now() - r.int(2_000),
          location: r.chance(0.05) ? r.pick(REGIONS) : u % 2 === 0 ? user.region : user.at,
          platform: r.chance(0.05) ? r.pick(PLATFORMS) : user.platform,
          itemId: `SKU-${r.int(400)}`,
          amountUnits: action === 'view' || action === 'login' ? null : r.int(3_000_000),
          currency: r.chance(0.5) ? 'EUR' : 'USD',
          emailSealed: null,
          paymentHashSealed: null,
          extra: {},
          pseudonym: 'abcdefghijklmnopqrstuvwx',
        },
        1,
      );
      records.push({ partition: user.partition, key: user.key, value });
    }
    await log.append(TOPICS.eventsRaw, records);
  }
}

/** Starts a CPU profile; the returned function ends it and gives its JSON. */
async function startProfiler(): Promise<() => Promise<string>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  return async () => JSON.stringify((await session.post('Profiler.stop')).profile);
}

const dir = await mkdtemp(join(tmpdir(), 'ebap-bench-'));
try {
  const log = await openEmbeddedEventLog({ dir: join(dir, 'log') });
  const hot = await openEmbeddedHotStore({ dir: join(dir, 'hot') });
  const files = await openLocalFileIO({ dir: join(dir, 'files') });
  for (const spec of topicSpecs('embedded')) await log.createTopic(spec);
  await fill(log);
  const seal = (payload: Uint8Array) => ({ payload: Buffer.from(payload).toString('base64'), sealed: false });
  const config = {
    partitions: keyed,
    partialPartitions: partial,
    schemas: onlySchema(1),
    feedPerCut: 8,
  };
  const group = new WorkerGroup(
    [
      { kind: eventTaskKind(config, { log, hot, clock: systemClock, seal }), partitions: keyed },
      { kind: rollupTaskKind(keyed, { hot, clock: systemClock }), partitions: partial },
    ],
    { log, store: openMemoryCheckpointStore(), files, clock: systemClock },
    {
      checkpointEveryMs: 5_000,
      tickEveryMs: 250,
      idleTickEveryMs: 1_000,
      fetchMaxBytes: 4 << 20,
      leaseTtlMs: 60_000,
      balanceEveryMs: 100,
    },
    'bench',
    (lease, error) => {
      console.error(lease, error);
    },
  );
  const stop = new AbortController();
  const profiler = values.profile === undefined ? null : await startProfiler();
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const running = group.run(stop.signal);
  const counted = (): number =>
    group.owned.filter((o) => o.lease.task === 'event').reduce((sum, o) => sum + o.status.records, 0);
  while (counted() < EVENTS) await systemClock.sleep(10);
  const wallMs = performance.now() - startedMs;
  const cpu = process.cpuUsage(cpuBefore);
  if (profiler !== null && values.profile !== undefined) await writeFile(values.profile, await profiler());
  const checkpoints = group.owned.map((o) => o.status.lastCheckpoint).filter((c) => c !== null);
  stop.abort();
  await running;
  const cpuSeconds = (cpu.user + cpu.system) / 1e6;
  console.log(
    JSON.stringify({
      bench: 'pipeline',
      events: EVENTS,
      users: USERS,
      wallSeconds: Math.round(wallMs) / 1e3,
      cpuSeconds,
      eventsPerSecond: Math.round((EVENTS * 1e3) / wallMs),
      eventsPerCpuSecond: Math.round(EVENTS / cpuSeconds),
      rssMb: Math.round(process.memoryUsage.rss() / 1e6),
      checkpoints: checkpoints.length,
      checkpointBytes: checkpoints.reduce((s, c) => s + c.bytes, 0),
      checkpointBarrierMs: Math.max(0, ...checkpoints.map((c) => c.barrierMs)),
    }),
  );
  await hot.close();
  await log.close();
} finally {
  await rm(dir, { recursive: true, force: true });
}

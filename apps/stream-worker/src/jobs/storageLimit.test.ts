import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@ebap/adapters/clock';
import { dataBudget, measureDataUse } from '@ebap/adapters/data-folder';
import { openEmbeddedEventLog } from '@ebap/adapters/event-log';
import { openEmbeddedHotStore } from '@ebap/adapters/hot-store';
import { TOPICS, topicSpecs } from '@ebap/pipeline/contracts';
import { hotKeys } from '@ebap/pipeline/hot';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { StorageLimit } from './storageLimit.ts';

const MIB = 1 << 20;
/** The database's base and 40 MiB. */
const LIMIT_BYTES = 200 * MIB;
const signal = new AbortController().signal;

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ebap-limit-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

it('keeps the sum below the limit: the log gives way to what other parts take, and is told of', async () => {
  const log = await openEmbeddedEventLog({ dir: join(dataDir, 'log') });
  const hot = await openEmbeddedHotStore({ dir: join(dataDir, 'hot') });
  try {
    const { logRetentionBytes } = dataBudget(LIMIT_BYTES);
    for (const spec of topicSpecs('embedded', logRetentionBytes)) await log.createTopic(spec);
    const storage = new StorageLimit({ log, hot, clock: systemClock, dataDir, limitBytes: LIMIT_BYTES });
    const append = async () => {
      const values = Array.from({ length: 32 }, () => randomBytes(32_000));
      await log.append(
        TOPICS.eventsRaw,
        values.map((value, i) => ({ partition: i % 4, key: null, value })),
      );
    };
    const pass = async (): Promise<number> => {
      await storage.apply(signal);
      return (await log.applyRetention()).keptBytes;
    };
    for (let i = 0; i < 60; i++) {
      await append();
      if (i % 5 === 4) expect(await pass()).toBeLessThanOrEqual(logRetentionBytes);
    }
    expect((await measureDataUse(dataDir, join(dataDir, 'postgres'))).totalBytes).toBeLessThan(LIMIT_BYTES);

    await mkdir(join(dataDir, 'files'));
    await writeFile(join(dataDir, 'files/large'), randomBytes(176 * MIB));
    expect(await pass()).toBeLessThanOrEqual(LIMIT_BYTES * 0.06);
    const told = JSON.parse((await hot.readHash(hotKeys.storage())).get('use') ?? '{}');
    expect(told).toMatchObject({ limitBytes: LIMIT_BYTES });
    expect(told.parts.map((part: { name: string }) => part.name)).toEqual([
      'Event log',
      'Hot store',
      'State files',
      'Database',
      'Other',
    ]);
  } finally {
    await log.close();
    await hot.close();
  }
});

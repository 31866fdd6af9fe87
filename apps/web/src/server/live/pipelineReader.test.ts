import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedEventLog } from '@ebap/adapters/event-log';
import { openEmbeddedHotStore } from '@ebap/adapters/hot-store';
import { TOPICS, topicSpecs } from '@ebap/pipeline/contracts';
import type { EventLog, HotStore } from '@ebap/pipeline/ports';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DeadLetterIndex } from './deadLetterIndex.ts';
import { PipelineReader } from './pipelineReader.ts';

let dir: string;
let log: EventLog;
let hot: HotStore;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ebap-pipeline-'));
  log = await openEmbeddedEventLog({ dir: join(dir, 'log') });
  hot = await openEmbeddedHotStore({ dir: join(dir, 'hot') });
  for (const spec of topicSpecs('embedded')) await log.createTopic(spec);
});

afterAll(async () => {
  await Promise.all([log.close(), hot.close()]);
  await rm(dir, { recursive: true, force: true });
});

it('a log that does not answer holds up nothing: topics stay as they were known, and are not asked for again and again', async () => {
  let isHanging = false;
  let asked = 0;
  const reader = new PipelineReader({
    hot,
    log: {
      partitionCount: (topic) => log.partitionCount(topic),
      offsets: (topic, partition) => {
        asked++;
        return isHanging ? new Promise(() => undefined) : log.offsets(topic, partition);
      },
    },
    deadLetters: new DeadLetterIndex({ log, open: () => null, nowMs: Date.now }),
    nowMs: Date.now,
    ingestRates: async () => ({ acceptedPerSecond: 3, rejectedPerSecond: 0 }),
  });
  const first = await reader.read('meridian', []);
  expect(first.topics.map(({ name }) => name)).toContain(TOPICS.eventsRaw);
  isHanging = true;
  const askedBefore = asked;
  expect((await reader.read('meridian', [])).topics).toEqual(first.topics);
  const askedOnce = asked - askedBefore;
  expect(await reader.read('meridian', [])).toMatchObject({ topics: first.topics, ingest: { acceptedPerSecond: 3 } });
  expect(asked - askedBefore).toBe(askedOnce);
});

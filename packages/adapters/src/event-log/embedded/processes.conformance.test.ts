import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BatchRecord, EventLog } from '@ebap/pipeline/ports';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readAll } from '../conformance/index.ts';
import { openEmbeddedEventLog } from '../index.ts';
import { type Appender, startAppender } from './testing/children.ts';

const run = promisify(execFile);
const TOPICS = ['even', 'odd'];
const PARTITIONS = [0, 1];
const A_DAY_MS = 86_400_000;

type Content = Map<string, BatchRecord[]>;

async function readEverything(log: EventLog): Promise<Content> {
  const content: Content = new Map();
  for (const topic of TOPICS) {
    for (const partition of PARTITIONS) content.set(`${topic}/${partition}`, await readAll(log, topic, partition));
  }
  return content;
}

function callOf({ key, value }: BatchRecord): string {
  return `${key}/${
    Buffer.from(value ?? [])
      .toString()
      .split(':')[0]
  }`;
}

/** Offsets are dense, append times never go back, and a call's records stand together, all of them. */
function expectWhole(content: Content, recordsPerCall: number): void {
  for (const records of content.values()) {
    const perCall = new Map<string, BatchRecord[]>();
    records.forEach((record, i) => {
      expect(record.offset).toBe(i);
      expect(record.appendTimeMs).toBeGreaterThanOrEqual(records[i - 1]?.appendTimeMs ?? 0);
      const call = callOf(record);
      perCall.set(call, [...(perCall.get(call) ?? []), record]);
    });
    for (const run of perCall.values()) {
      expect(run).toHaveLength(recordsPerCall / 2);
      expect((run.at(-1)?.offset ?? 0) - (run[0]?.offset ?? 0)).toBe(recordsPerCall / 2 - 1);
    }
  }
}

function expectAcknowledged(content: Content, appenders: readonly Appender[]): void {
  for (const { name, acknowledged } of appenders) {
    for (const { call, topic, acks } of acknowledged) {
      for (const { partition, baseOffset, count, appendTimeMs } of acks) {
        const run = content.get(`${topic}/${partition}`)?.slice(baseOffset, baseOffset + count) ?? [];
        expect(run).toHaveLength(count);
        for (const record of run) {
          expect(callOf(record)).toBe(`${name}/${call}`);
          expect(record.appendTimeMs).toBe(appendTimeMs);
        }
      }
    }
  }
}

/** One append time belongs to one transaction, so to one process, whatever the topic. */
function expectOneProcessPerTime(content: Content): void {
  const owner = new Map<number, string>();
  for (const record of [...content.values()].flat()) {
    const name = String(record.key);
    expect(owner.get(record.appendTimeMs) ?? name).toBe(name);
    owner.set(record.appendTimeMs, name);
  }
}

describe('several processes on one embedded log', () => {
  let dir: string;
  let log: EventLog;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'event-log-'));
    log = await openEmbeddedEventLog({ dir });
    for (const name of TOPICS) {
      await log.createTopic({ name, partitions: PARTITIONS.length, cleanup: 'delete', retentionMs: A_DAY_MS });
    }
  });
  afterEach(async () => {
    await log.close();
    await rm(dir, { recursive: true });
  });

  test('their appends interleave whole, and what a reader has read through stays so over all topics', async () => {
    const appenders = ['p', 'q', 'r'].map((name) => startAppender(dir, name, 120, 20));
    let running = true;
    const ended = Promise.all(appenders.map((appender) => appender.ended)).finally(() => {
      running = false;
    });
    const positions = TOPICS.flatMap((topic) =>
      PARTITIONS.map((partition) => ({ topic, partition, next: 0, through: 0 })),
    );
    while (running) {
      for (const position of positions) {
        const batch = await log.fetch(position.topic, position.partition, position.next, {
          maxWaitMs: 5,
          maxBytes: 3_000,
        });
        if (batch.count > 0) expect(batch.appendTimesMs[0]).toBeGreaterThan(position.through);
        position.next = batch.nextOffset;
        position.through = batch.readThroughMs;
      }
    }
    expect(await ended).toEqual([0, 0, 0]);
    const content = await readEverything(log);
    expect([...content.values()].flat()).toHaveLength(3 * 120 * 20);
    expectWhole(content, 20);
    expectAcknowledged(content, appenders);
    expectOneProcessPerTime(content);
  });

  test('an append of another process wakes the readers who wait, long before their time is over', async () => {
    const waiting = PARTITIONS.map((partition) => log.fetch('even', partition, 0, { maxWaitMs: A_DAY_MS }));
    const appender = startAppender(dir, 'p', 1, 2);
    const batches = await Promise.all(waiting);
    expect(batches.map(({ count }) => count)).toEqual([1, 1]);
    expect(await appender.ended).toBe(0);
  });

  test('an appender killed at any moment leaves everything acknowledged, nothing torn, and nobody waiting', async () => {
    const appenders: Appender[] = [];
    for (let round = 0; round < 6; round += 1) {
      const victims = ['a', 'b'].map((name) => startAppender(dir, `${name}${round}`, 1_000_000, 50));
      const wanted = 3 + 5 * round;
      await vi.waitUntil(() => victims.every(({ acknowledged }) => acknowledged.length >= wanted), {
        timeout: 20_000,
        interval: 1,
      });
      for (const victim of victims) victim.kill();
      expect(await Promise.all(victims.map((victim) => victim.ended))).toEqual([null, null]);
      appenders.push(...victims);
      // That it returns at all shows that nobody waits for the dead.
      await log.append(
        'even',
        PARTITIONS.flatMap((partition) =>
          Array.from({ length: 25 }, () => ({
            partition,
            key: Buffer.from('parent'),
            value: Buffer.from(`${round}:`),
          })),
        ),
      );
      await log.applyRetention();
    }
    const content = await readEverything(log);
    expectWhole(content, 50);
    expectAcknowledged(content, appenders);
    expectOneProcessPerTime(content);
    await log.close();
    log = await openEmbeddedEventLog({ dir });
    expect(await readEverything(log)).toEqual(content);
  });

  test('a full disk refuses appends as `unavailable`, and loses nothing', async () => {
    const script = fileURLToPath(new URL('./testing/filler.ts', import.meta.url));
    const limited = join(dir, 'limited');
    const { stdout } = await run('sh', ['-c', 'ulimit -f 8000 && exec "$0" "$@"', process.execPath, script, limited]);
    const { acknowledged, refusals, end } = JSON.parse(stdout);
    expect(acknowledged).toBeGreaterThan(3);
    expect(refusals).toEqual(Array(3).fill({ code: 'unavailable', retryable: true }));
    expect(end).toBe(100 * acknowledged);
    const again = await openEmbeddedEventLog({ dir: limited });
    expect(await readAll(again, 't', 0)).toHaveLength(100 * acknowledged);
    const [ack] = await again.append('t', [{ partition: 0, key: null, value: null }]);
    expect(ack?.baseOffset).toBe(100 * acknowledged);
    await again.close();
  });
});

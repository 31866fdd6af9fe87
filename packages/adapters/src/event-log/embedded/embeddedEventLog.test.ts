import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventLog, recordAt, type TopicSpec } from '@ebap/pipeline/ports';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Environment } from '../../lmdb/index.ts';
import { readAll } from '../conformance/index.ts';
import { openEmbeddedEventLog } from '../index.ts';
import { blobKey, LogTables } from './tables.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe('the embedded event log', () => {
  let dir: string;
  let nowMs: number;
  let log: EventLog;

  const open = () => openEmbeddedEventLog({ dir, clock: () => nowMs, minCompactionLagMs: HOUR_MS });
  const topic = (spec: Partial<TopicSpec> = {}): Promise<void> =>
    log.createTopic({ name: 't', partitions: 1, cleanup: 'delete', retentionMs: DAY_MS, ...spec });
  const append = async (key: string | null, value: string | null, partition = 0, name = 't'): Promise<number> => {
    const bytes = (text: string | null) => (text === null ? null : Buffer.from(text));
    const [ack] = await log.append(name, [{ partition, key: bytes(key), value: bytes(value) }]);
    return ack?.appendTimeMs ?? 0;
  };
  const texts = async (partition = 0): Promise<string[]> => {
    const { start } = await log.offsets('t', partition);
    const found = await readAll(log, 't', partition, { from: start });
    return found.map(({ offset, key, value }) => `${offset}:${key ?? '-'}=${value ?? '-'}`);
  };

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'event-log-'));
    nowMs = 1_000_000_000_000;
    log = await open();
  });
  afterEach(async () => {
    await log.close();
    await rm(dir, { recursive: true });
  });

  describe('its clock', () => {
    test('is strictly increasing from one append to the next over all topics', async () => {
      await topic({ name: 'a' });
      await topic({ name: 'b' });
      const times = [await append('k', '1', 0, 'a'), await append('k', '2', 0, 'b'), await append('k', '3', 0, 'a')];
      expect(times).toEqual([nowMs + 1, nowMs + 2, nowMs + 3]);
    });

    test('runs on at half pace after the system clock stepped back, also over a restart', async () => {
      await topic();
      nowMs += 1_000;
      const before = await append('k', '1');
      nowMs -= HOUR_MS;
      expect(await append('k', '2')).toBe(before + 1);
      nowMs += 1_000;
      expect(await append('k', '3')).toBe(before + 501);
      await log.close();
      nowMs -= HOUR_MS;
      log = await open();
      expect(await append('k', '4')).toBe(before + 502);
      nowMs += 3 * HOUR_MS;
      expect(await append('k', '5')).toBe(nowMs);
    });

    test('tells a reader at the end of one topic how far the others have come', async () => {
      await topic({ name: 'a' });
      await topic({ name: 'b' });
      nowMs += 500;
      const appendTimeMs = await append('k', '1', 0, 'b');
      expect((await log.fetch('a', 0, 0)).readThroughMs).toBe(appendTimeMs);
    });

    test('a batch cut inside one append has not read through its time; cut between two, it has', async () => {
      await topic();
      await log.append(
        't',
        [1, 2].map((n) => ({ partition: 0, key: null, value: Buffer.from([n]) })),
      );
      nowMs += 10;
      await append('k', 'later');
      const first = await log.fetch('t', 0, 0, { maxBytes: 1 });
      expect(first.readThroughMs).toBe((first.appendTimesMs[0] ?? 0) - 1);
      const second = await log.fetch('t', 0, 1, { maxBytes: 1 });
      expect(second.count).toBe(1);
      expect(second.readThroughMs).toBe(nowMs - 1);
    });
  });

  describe('retention', () => {
    test('drops what is older than the topic allows', async () => {
      await topic();
      await append('k', 'old');
      nowMs += DAY_MS / 2;
      await append('k', 'young');
      nowMs += DAY_MS / 2 + 10;
      await append('k', 'new');
      expect((await log.applyRetention()).droppedRecords).toBe(1);
      expect(await log.offsets('t', 0)).toEqual({ start: 1, end: 3 });
      expect(await texts()).toEqual(['1:k=young', '2:k=new']);
      await expect(log.fetch('t', 0, 0)).rejects.toMatchObject({ code: 'offset_out_of_range' });
    });

    test('drops the oldest of all partitions beyond the bytes the topic may keep', async () => {
      await topic({ partitions: 2, retentionBytes: 20_000 });
      for (let i = 0; i < 20; i += 1) await append(`${i}`, 'x'.repeat(1_500), i % 2);
      const { keptBytes, droppedRecords } = await log.applyRetention();
      expect(keptBytes).toBeLessThanOrEqual(20_000);
      expect(keptBytes).toBeGreaterThan(17_000);
      const starts = [(await log.offsets('t', 0)).start, (await log.offsets('t', 1)).start];
      expect((starts[0] ?? 0) + (starts[1] ?? 0)).toBe(droppedRecords);
      expect(Math.abs((starts[0] ?? 0) - (starts[1] ?? 0))).toBeLessThanOrEqual(1);
    });

    test('an emptied partition goes on at its offsets', async () => {
      await topic({ retentionBytes: 0 });
      await append('k', '1');
      await log.applyRetention();
      expect(await log.offsets('t', 0)).toEqual({ start: 1, end: 1 });
      await append('k', '2');
      expect(await texts()).toEqual(['1:k=2']);
    });
  });

  describe('compaction', () => {
    beforeEach(() => topic({ cleanup: 'compact' }));

    async function settle(): Promise<void> {
      nowMs += 2 * HOUR_MS;
      await append('end', 'end');
    }

    test('keeps the newest record of each key, at its offset', async () => {
      for (const [key, value] of [
        ['a', '1'],
        ['b', '1'],
        ['a', '2'],
        ['c', '1'],
        ['a', '3'],
      ] as const)
        await append(key, value);
      await settle();
      expect((await log.applyRetention()).droppedRecords).toBe(2);
      expect(await texts()).toEqual(['1:b=1', '3:c=1', '4:a=3', '5:end=end']);
      expect(await log.offsets('t', 0)).toEqual({ start: 0, end: 6 });
    });

    test('works inside what was appended at once', async () => {
      const keys = ['a', 'b', 'a', 'b', 'c'];
      await log.append(
        't',
        keys.map((key, i) => ({ partition: 0, key: Buffer.from(key), value: Buffer.from(`${i}`) })),
      );
      await settle();
      await log.applyRetention();
      expect(await texts()).toEqual(['2:a=2', '3:b=3', '4:c=4', '5:end=end']);
      const fromTheGap = await log.fetch('t', 0, 1, { maxBytes: 1 });
      expect(recordAt(fromTheGap, 0).offset).toBe(2);
      await append('c', 'newer');
      await settle();
      await log.applyRetention();
      const afterIt = await log.fetch('t', 0, 4, { maxBytes: 1 });
      expect(recordAt(afterIt, 0).offset).toBeGreaterThan(4);
    });

    test('leaves young records alone', async () => {
      await append('a', '1');
      await append('a', '2');
      expect((await log.applyRetention()).droppedRecords).toBe(0);
    });

    test('a tombstone removes its key at once and goes itself after a day', async () => {
      await append('a', '1');
      await append('a', null);
      await settle();
      await log.applyRetention();
      expect(await texts()).toEqual(['1:a=-', '2:end=end']);
      nowMs += DAY_MS;
      await append('b', '1');
      await settle();
      await log.applyRetention();
      expect(await texts()).toEqual(['2:end=end', '3:b=1', '4:end=end']);
    });

    test('the last record stays, however old: a reader always finds one before the end', async () => {
      await topic({ name: 'other' });
      await append('a', '1');
      await append('a', null);
      nowMs += 3 * DAY_MS;
      await append('k', 'the log goes on elsewhere', 0, 'other');
      await log.applyRetention();
      expect(await texts()).toEqual(['1:a=-']);
    });

    test('twice in a row changes nothing, and accounts for every byte', async () => {
      for (let i = 0; i < 200; i += 1) await append(`k${i % 7}`, `${i}`);
      await settle();
      const first = await log.applyRetention();
      const second = await log.applyRetention();
      expect(first.droppedRecords).toBe(193);
      expect(second).toEqual({ droppedRecords: 0, keptBytes: first.keptBytes });
      expect(await texts()).toHaveLength(8);
    });
  });

  describe('damage', () => {
    async function damage(offset: number, change: (blob: Buffer) => void): Promise<void> {
      const environment = new Environment({ file: join(dir, 'event-log.mdb'), fsync: 'commit' });
      const tables = new LogTables(environment);
      environment.refresh();
      const id = tables.topic('t')?.id ?? 0;
      await environment.write(() => {
        const blob = tables.blobs.getBinary(blobKey(id, 0, offset));
        if (blob === undefined) throw new Error('no blob');
        change(blob);
        tables.blobs.putSync(blobKey(id, 0, offset), blob);
      });
      await environment.close();
    }

    test.each([
      [
        'a flipped payload bit',
        (blob: Buffer) => blob.writeUInt8(blob.readUInt8(blob.length - 1) ^ 1, blob.length - 1),
      ],
      ['a wrong offset', (blob: Buffer) => blob.writeDoubleLE(7, 16)],
      ['a wrong count', (blob: Buffer) => blob.writeUInt32LE(2, 12)],
      ['another magic', (blob: Buffer) => blob.writeUInt32LE(0, 0)],
    ])('%s is `corrupt_data`, naming the place', async (_, change) => {
      await topic();
      await append('a', 'fine');
      await append('b', 'damaged');
      await damage(1, change);
      expect((await log.fetch('t', 0, 0)).count).toBe(1);
      await expect(log.fetch('t', 0, 1)).rejects.toMatchObject({
        code: 'corrupt_data',
        context: { topic: 't', partition: 0, offset: 1 },
      });
    });
  });

  test('refuses a partition that is not there', async () => {
    await topic();
    await expect(append('k', 'v', 1)).rejects.toMatchObject({ code: 'bad_request' });
    await expect(log.fetch('t', 1, 0)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a closed log refuses everything, and lets waiting fetches go', async () => {
    await topic();
    const waiting = expect(log.fetch('t', 0, 0, { maxWaitMs: 60_000 })).rejects.toMatchObject({ code: 'unavailable' });
    await log.close();
    await waiting;
    await expect(append('k', 'v')).rejects.toMatchObject({ code: 'unavailable' });
  });
});

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataBudget, logRetentionBytes, measureDataUse } from './index.ts';

const MIB = 1 << 20;
const GIB = 1024 * MIB;
const limits = fc.integer({ min: 1, max: 10_000 }).map((gib) => gib * GIB);

describe('the budget of a data folder', () => {
  it('is the limit, whatever the limit is', () => {
    fc.assert(
      fc.property(limits, (limitBytes) => {
        const { shares, logRetentionBytes: retention, walKeepBytes, maxWalBytes } = dataBudget(limitBytes);
        expect(Object.values(shares).reduce((sum, bytes) => sum + bytes, 0)).toBe(limitBytes);
        expect(retention).toBeLessThan(shares.eventLog);
        expect(walKeepBytes + maxWalBytes).toBeLessThan(shares.database);
      }),
    );
  });

  it('of 5 GiB keeps the log about 2.6 GiB and the database log below 0.75 GiB', () => {
    const budget = dataBudget(5 * GIB);
    expect(Math.round(budget.logRetentionBytes / MIB)).toBe(2_678);
    expect([budget.walKeepBytes / MIB, budget.maxWalBytes / MIB]).toEqual([496, 240]);
  });

  it('takes from the log what other parts have grown over theirs, but never the newest records', () => {
    const budget = dataBudget(5 * GIB);
    const use = (others: number) => ({
      areas: { eventLog: GIB, hotStore: others, stateFiles: 0, database: 0, other: 0 },
      totalBytes: GIB + others,
    });
    expect(logRetentionBytes(budget, use(GIB))).toBe(budget.logRetentionBytes);
    expect(logRetentionBytes(budget, use(3 * GIB))).toBe(Math.floor(5 * GIB * 0.94) - 3 * GIB);
    expect(logRetentionBytes(budget, use(9 * GIB))).toBe(Math.floor(5 * GIB * 0.05));
  });

  it('keeps the sum below the limit as long as others leave room for the newest records', () => {
    fc.assert(
      fc.property(limits, fc.double({ min: 0, max: 0.88, noNaN: true }), (limitBytes, share) => {
        const others = Math.floor(limitBytes * share);
        const areas = { eventLog: 7, hotStore: others, stateFiles: 0, database: 0, other: 0 };
        const kept = logRetentionBytes(dataBudget(limitBytes), { areas, totalBytes: others + 7 });
        expect(kept + others).toBeLessThan(limitBytes);
      }),
    );
  });
});

it('measures each part, and a database that lies elsewhere', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'ebap-use-'));
  try {
    const [data, database] = [join(dir, 'data'), join(dir, 'database')];
    for (const folder of [join(data, 'log'), join(data, 'postgres'), join(data, 'files/a'), join(database, 'base')])
      await mkdir(folder, { recursive: true });
    await writeFile(join(data, 'log/event-log.mdb'), Buffer.alloc(MIB, 1));
    await writeFile(join(data, 'files/a/segment'), Buffer.alloc(2 * MIB, 1));
    await writeFile(join(data, 'simulator-status.json'), Buffer.alloc(4_096, 1));
    await writeFile(join(database, 'base/1'), Buffer.alloc(3 * MIB, 1));
    const { areas, totalBytes } = await measureDataUse(data, database);
    expect(areas).toEqual({ eventLog: MIB, hotStore: 0, stateFiles: 2 * MIB, database: 3 * MIB, other: 4_096 });
    expect(totalBytes).toBe(6 * MIB + 4_096);
    expect((await measureDataUse(data, join(data, 'postgres'))).areas.database).toBe(0);
    expect((await measureDataUse(join(dir, 'none'), join(dir, 'none'))).totalBytes).toBe(0);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});

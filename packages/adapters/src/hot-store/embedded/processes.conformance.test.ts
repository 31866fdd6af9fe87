import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HotStore } from '@ebap/pipeline/ports';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openEmbeddedHotStore } from '../index.ts';

interface Writer {
  /** The lines it printed: numbers of applied flushes, or `fenced`. */
  readonly lines: readonly string[];
  readonly ended: Promise<unknown>;
  kill(): void;
}

function startWriter(dir: string, epoch: number, flushes: number, pauseMs: number): Writer {
  const script = fileURLToPath(new URL('./testing/writer.ts', import.meta.url));
  const child = spawn(process.execPath, [script, dir, String(epoch), String(flushes), String(pauseMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  let partial = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (partial + text).split('\n');
    partial = parts.pop() ?? '';
    lines.push(...parts);
  });
  return { lines, ended: once(child, 'close'), kill: () => child.kill('SIGKILL') };
}

/** Waits for the condition; the limit only ends what would never come. */
const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 40_000, interval: 1 });

const KEYS = ['k0', 'k1', 'k2', 'k3', 'k4'];

describe('several processes on one embedded hot store', () => {
  let dir: string;
  let store: HotStore;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'hot-store-'));
    store = await openEmbeddedHotStore({ dir });
  });
  afterEach(async () => {
    await store.close();
    await rm(dir, { recursive: true });
  });

  test('a subscriber follows the flushes of another process while it makes them, up to the last', async () => {
    let sequence = 0;
    const read: (readonly [told: number, held: number])[] = [];
    const subscription = await store.subscribe('windows', async (change) => {
      expect(change.sequence).toBeGreaterThan(sequence);
      expect(change.keys).toEqual(KEYS);
      sequence = change.sequence;
      const [[n] = []] = await store.readFields(['k0'], ['n']);
      read.push([change.sequence, Number(n?.split(':')[1])]);
    });
    const writer = startWriter(dir, 1, 1_000_000, 5);
    await until(() => sequence >= 60);
    writer.kill();
    await writer.ended;
    const last = await store.sequence('windows');
    await until(() => sequence === last && read.at(-1)?.[0] === last);
    for (const [told, held] of read) expect(held).toBeGreaterThanOrEqual(told);
    await subscription.close();
  });

  test('a writer killed at any moment leaves values, sequence and fence of the same flush', async () => {
    for (let round = 1; round <= 5; round += 1) {
      const writer = startWriter(dir, round, 1_000_000, 0);
      await until(() => writer.lines.length >= 5 + 7 * round);
      writer.kill();
      await writer.ended;
      const applied = writer.lines.length;
      const { found } = await store.flush({ fence: { scope: 'task/0', epoch: 0, offset: 0 }, writes: [], changes: [] });
      expect(found?.epoch).toBe(round);
      expect(found?.offset).toBeGreaterThanOrEqual(applied);
      expect(found?.offset).toBeLessThanOrEqual(applied + 1);
      const held = (await store.readFields(KEYS, ['n'])).map(([n]) => n);
      expect(held).toEqual(KEYS.map(() => `${found?.epoch}:${found?.offset}`));
    }
  });

  test('of two writers of one scope the later epoch goes on and the other is told', async () => {
    const zombie = startWriter(dir, 1, 1_000_000, 1);
    await until(() => zombie.lines.length >= 5);
    const owner = startWriter(dir, 2, 200, 0);
    await Promise.all([zombie.ended, owner.ended]);
    expect(zombie.lines.at(-1)).toBe('fenced');
    expect(owner.lines).toHaveLength(200);
    expect(await store.readFields(['k0'], ['n'])).toEqual([['2:200']]);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { HotStore } from '@ebap/pipeline/ports';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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

  test('a subscriber sees every flush of another process, at once', async () => {
    let sequence = 0;
    const delaysMs: number[] = [];
    const subscription = await store.subscribe('windows', async (change) => {
      const seenMs = Date.now();
      expect(change.sequence).toBeGreaterThan(sequence);
      expect(change.keys).toEqual(KEYS);
      sequence = change.sequence;
      const [[at] = []] = await store.readFields(['k0'], ['at']);
      delaysMs.push(seenMs - Number(at));
    });
    const writer = startWriter(dir, 1, 60, 25);
    await writer.ended;
    await sleep(50);
    expect(sequence).toBe(60);
    delaysMs.sort((a, b) => a - b);
    // Flush and all; the bound leaves room for a busy machine.
    expect(delaysMs[Math.floor(delaysMs.length / 2)]).toBeLessThan(50);
    await subscription.close();
  });

  test('a writer killed at any moment leaves values, sequence and fence of the same flush', async () => {
    for (let round = 1; round <= 5; round += 1) {
      const writer = startWriter(dir, round, 1_000_000, 0);
      while (writer.lines.length < 5) await sleep(5);
      await sleep(11 * round);
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
    while (zombie.lines.length < 5) await sleep(5);
    const owner = startWriter(dir, 2, 200, 0);
    await Promise.all([zombie.ended, owner.ended]);
    expect(zombie.lines.at(-1)).toBe('fenced');
    expect(owner.lines).toHaveLength(200);
    expect(await store.readFields(['k0'], ['n'])).toEqual([['2:200']]);
  });
});

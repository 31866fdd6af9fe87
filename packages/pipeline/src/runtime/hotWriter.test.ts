import { describe, expect, test } from 'vitest';
import { type HotWrite, MAX_FLUSH_FIELDS } from '../ports/index.ts';
import { MemoryHot } from '../testing/memoryPorts.ts';
import { VirtualClock } from '../testing/virtualClock.ts';
import { HotWriter } from './index.ts';

const write = (n: number, key = 'k'): HotWrite => ({ key, field: `f${n}`, value: String(n), expiresAtMs: 1 });
const { signal } = new AbortController();

function made(epoch = 1, hot = new MemoryHot(), clock = new VirtualClock(0)) {
  const writer = new HotWriter(hot, clock, 'rollup/0', epoch);
  return {
    hot,
    clock,
    put: (...writes: readonly HotWrite[]) => clock.settle(writer.write(writes, 'windows/acme', signal)),
  };
}

describe('a hot writer', () => {
  test('numbers its flushes under the epoch and says which keys changed', async () => {
    const { hot, put } = made(7);
    await put(write(1), write(2), write(3, 'other'));
    expect(await put(write(4))).toBe('ok');
    expect(hot.flushes.map((f) => f.fence)).toEqual([
      { scope: 'rollup/0', epoch: 7, offset: 1 },
      { scope: 'rollup/0', epoch: 7, offset: 2 },
    ]);
    expect(hot.flushes[0]?.changes).toEqual([{ topic: 'windows/acme', keys: ['k', 'other'] }]);
  });

  test('splits what is too much for one flush, in order', async () => {
    const { hot, put } = made();
    await put(...Array.from({ length: MAX_FLUSH_FIELDS * 2 + 1 }, (_, n) => write(n)));
    expect(hot.flushes.map((f) => f.writes.length)).toEqual([MAX_FLUSH_FIELDS, MAX_FLUSH_FIELDS, 1]);
    expect(hot.flushes[2]?.writes[0]?.field).toBe(`f${MAX_FLUSH_FIELDS * 2}`);
  });

  test('writes nothing when there is nothing', async () => {
    const { hot, put } = made();
    expect(await put()).toBe('ok');
    expect(hot.flushes).toEqual([]);
  });

  test('that lost its request sends it again', async () => {
    const { hot, put } = made();
    hot.faults.queue.push({ method: 'flush', when: 'before' });
    expect(await put(write(1))).toBe('ok');
    expect(hot.flushes).toHaveLength(1);
  });

  test('that lost the answer sends again, is refused, and knows its own flush; the store counts as lost', async () => {
    const { hot, put } = made();
    hot.faults.queue.push({ method: 'flush', when: 'after' });
    expect(await put(write(1))).toBe('lost');
    expect(hot.flushes).toHaveLength(1);
    expect(await put(write(2))).toBe('ok');
    expect(hot.hashes.get('k')).toEqual(
      new Map([
        ['f1', '1'],
        ['f2', '2'],
      ]),
    );
  });

  test('that lost the answer over a store that lost its content has all written again', async () => {
    const { hot, put } = made();
    await put(write(1));
    hot.lose();
    hot.faults.queue.push({ method: 'flush', when: 'after' });
    expect(await put(write(2))).toBe('lost');
    expect(await put(write(1), write(2))).toBe('ok');
  });

  test('that meets a later epoch has lost its lease', async () => {
    const { hot, put } = made(1);
    await put(write(1));
    hot.fences.set('rollup/0', { epoch: 2, offset: 1 });
    await expect(put(write(2))).rejects.toMatchObject({ code: 'lease_lost', retryable: false });
    expect(hot.hashes.get('k')).toEqual(new Map([['f1', '1']]));
  });

  test('takes over from an earlier epoch without calling that a loss', async () => {
    const hot = new MemoryHot();
    await made(1, hot).put(write(1), write(2));
    expect(await made(2, hot).put(write(3))).toBe('ok');
  });

  test.each([
    ['forgot everything', (hot: MemoryHot) => hot.lose()],
    ['went back to an older state', (hot: MemoryHot) => hot.fences.set('rollup/0', { epoch: 1, offset: 1 })],
  ])('notices that the store %s', async (_, fault) => {
    const { hot, put } = made();
    await put(write(1));
    await put(write(2));
    fault(hot);
    expect(await put(write(3))).toBe('lost');
    expect(await put(write(4))).toBe('ok');
  });

  test('notices a loss between the parts of one write', async () => {
    const { hot, put } = made();
    await put(write(0));
    const parts = put(...Array.from({ length: MAX_FLUSH_FIELDS + 1 }, (_, n) => write(n)));
    hot.lose();
    expect(await parts).toBe('lost');
  });
});

import { describe, expect, test } from 'vitest';
import { AppError } from '../errors/index.ts';
import type { Lease } from '../ports/index.ts';
import { requireSection, type SnapshotSink, STATE_FORMAT_VERSION, u8 } from '../state/index.ts';
import type { Task } from '../tasks/index.ts';
import { MemoryFiles, MemoryStore } from '../testing/memoryPorts.ts';
import { VirtualClock } from '../testing/virtualClock.ts';
import { Checkpointer, loadSnapshot } from './checkpointer.ts';
import { savedPosition } from './sourcePosition.ts';

const LEASE: Lease = { task: 'event', partition: 3, owner: 'w', epoch: 7 };
const { signal } = new AbortController();

/** A task whose state is one byte, and one full segment that it writes once and keeps. */
class Byte implements Task<never> {
  readonly hasPending = false;
  readonly watermarkMs = null;
  #full: string | null = null;
  value = 0;

  step(): { readonly next: number; readonly outputs: null } {
    return { next: 0, outputs: null };
  }

  snapshot(sink: SnapshotSink): void {
    if (this.#full === null) this.#full = sink.write('full-ones', [{ name: 'full', head: {}, columns: [] }]);
    else sink.keep(this.#full);
    sink.write('state', [{ name: 'byte', head: {}, columns: [Uint8Array.of(this.value)] }]);
  }
}

function made() {
  const clock = new VirtualClock(1_000);
  const store = new MemoryStore(clock);
  const files = new MemoryFiles();
  const ports = { clock, store, files };
  const task = new Byte();
  const checkpointer = new Checkpointer(ports, LEASE, null, null);
  const checkpoint = async (value: number, offset: number): Promise<void> => {
    task.value = value;
    checkpointer.begin(
      task,
      [{ topic: 'events', topicId: 'x', partition: 3, nextOffset: offset, appendMs: offset * 10 }],
      signal,
    );
    task.value = 255;
    await clock.settle(checkpointer.settled());
  };
  const restored = async (): Promise<number | undefined> => {
    const saved = store.checkpoints.get('event/3');
    if (saved === undefined) return undefined;
    const source = await loadSnapshot(ports, saved.manifest, signal);
    return u8(requireSection(source.read(source.names('state')[0] ?? ''), 'byte'), 0)[0];
  };
  return { clock, store, files, ports, task, checkpointer, checkpoint, restored };
}

describe('a checkpoint', () => {
  test('holds the state of its beginning, whatever the task does meanwhile', async () => {
    const { checkpoint, restored, checkpointer, store } = made();
    await checkpoint(17, 100);
    expect(await restored()).toBe(17);
    expect(store.checkpoints.get('event/3')?.frontier).toEqual({ 'events/3': 100 });
    expect(savedPosition(store.checkpoints.get('event/3')?.manifest, { topic: 'events', partition: 3 })).toEqual({
      topicId: 'x',
      appendMs: 1_000,
    });
    expect(checkpointer.last?.bytes).toBeGreaterThan(0);
    checkpointer.check();
  });

  test('names its files by an intent before it writes them, and writes what is new only', async () => {
    const { checkpoint, store, files } = made();
    await checkpoint(1, 100);
    await checkpoint(2, 200);
    expect(store.intents).toEqual([
      ['state/event/3/7-1-0-full-ones.seg', 'state/event/3/7-1-1-state.seg'],
      ['state/event/3/7-2-0-state.seg'],
    ]);
    expect([...files.files.keys()]).toEqual(store.intents.flat());
    const { segments } = store.commits[1]?.manifest ?? { segments: [] };
    expect(segments.map((s) => s.name)).toEqual(['state/event/3/7-1-0-full-ones.seg', 'state/event/3/7-2-0-state.seg']);
    for (const s of segments) expect(s.bytes).toBe(files.files.get(s.name)?.length);
  });

  test('grows from the frontier of the one before', async () => {
    const { checkpoint, store } = made();
    await checkpoint(1, 100);
    await checkpoint(2, 200);
    expect(store.commits.map((c) => [c.from, c.to])).toEqual([
      [null, { 'events/3': 100 }],
      [{ 'events/3': 100 }, { 'events/3': 200 }],
    ]);
    expect(new Set(store.commits.map((c) => c.commitId)).size).toBe(2);
  });

  test('is one at a time', async () => {
    const { task, checkpointer, clock } = made();
    checkpointer.begin(task, [], signal);
    expect(checkpointer.isRunning).toBe(true);
    expect(() => checkpointer.begin(task, [], signal)).toThrowError(expect.objectContaining({ code: 'internal' }));
    await clock.settle(checkpointer.settled());
    expect(checkpointer.isRunning).toBe(false);
  });

  test.each([
    ['openIntent', 'before'],
    ['openIntent', 'after'],
    ['commit', 'before'],
    ['commit', 'after'],
  ] as const)('is finished when %s fails once %s it took effect', async (method, when) => {
    const { checkpoint, store, restored, checkpointer } = made();
    store.faults.queue.push({ method, when });
    await checkpoint(17, 100);
    checkpointer.check();
    expect(store.commits).toHaveLength(1);
    await checkpoint(18, 200);
    checkpointer.check();
    expect(await restored()).toBe(18);
  });

  test.each(['before', 'after'] as const)(
    'is finished when a file’s write fails once %s it took effect',
    async (when) => {
      const { checkpoint, files, restored } = made();
      files.faults.queue.push({ method: 'write', when });
      await checkpoint(17, 100);
      expect(await restored()).toBe(17);
    },
  );

  test.each([
    ['fenced', 'lease_lost'],
    ['frontier_mismatch', 'frontier_mismatch'],
    ['intent_expired', 'intent_expired'],
  ] as const)('that is refused as %s ends the ownership with %s', async (status, code) => {
    const { checkpoint, store, checkpointer } = made();
    store.refusals.push({ status });
    await checkpoint(17, 100);
    expect(() => checkpointer.check()).toThrowError(expect.objectContaining({ code, retryable: false }));
    expect(store.checkpoints.size).toBe(0);
    expect(checkpointer.last).toBeNull();
  });

  test('that can’t write its files ends the ownership', async () => {
    const { checkpoint, files, checkpointer, store } = made();
    files.faults.queue.push({ method: 'write', when: 'before', error: new AppError('too_large', 'disk full') });
    await checkpoint(17, 100);
    expect(() => checkpointer.check()).toThrowError(expect.objectContaining({ code: 'too_large' }));
    expect(store.commits).toEqual([]);
  });
});

describe('a restore', () => {
  test('lists segments by their kind in the order of the manifest', async () => {
    const { checkpoint, store, ports } = made();
    await checkpoint(1, 100);
    await checkpoint(2, 200);
    const manifest = store.checkpoints.get('event/3')?.manifest ?? {
      formatVersion: STATE_FORMAT_VERSION,
      segments: [],
      inline: {},
    };
    const source = await loadSnapshot(ports, manifest, signal);
    expect(source.names('full-ones')).toEqual(['state/event/3/7-1-0-full-ones.seg']);
    expect(source.names('ones')).toEqual([]);
    expect(() => source.read('state/event/3/7-1-1-state.seg')).toThrowError(
      expect.objectContaining({ code: 'corrupt_data' }),
    );
  });

  test('of another format version is refused as unsupported', async () => {
    const manifest = { formatVersion: 99, segments: [], inline: {} };
    await expect(loadSnapshot(made().ports, manifest, signal)).rejects.toMatchObject({ code: 'unsupported_version' });
  });

  test('waits for files that are away, and fails on those that are gone or damaged', async () => {
    const { checkpoint, store, files, ports, clock } = made();
    await checkpoint(1, 100);
    const manifest = store.checkpoints.get('event/3')?.manifest ?? {
      formatVersion: STATE_FORMAT_VERSION,
      segments: [],
      inline: {},
    };
    files.faults.queue.push({ method: 'read', when: 'before' });
    await clock.settle(loadSnapshot(ports, manifest, signal));
    const [name = ''] = files.files.keys();
    files.files.set(name, (files.files.get(name) ?? new Uint8Array(0)).slice(1));
    await expect(loadSnapshot(ports, manifest, signal)).rejects.toMatchObject({ code: 'corrupt_data' });
    files.files.delete(name);
    await expect(loadSnapshot(ports, manifest, signal)).rejects.toMatchObject({ code: 'not_found' });
  });
});

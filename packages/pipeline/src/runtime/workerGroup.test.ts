import { describe, expect, test } from 'vitest';
import { AppError } from '../errors/index.ts';
import type { Lease } from '../ports/index.ts';
import { MINUTE } from '../testing/events.ts';
import { PipelineWorld, RUNNER_SETTINGS } from '../testing/pipelineWorld.ts';
import { type GroupTask, WorkerGroup } from './index.ts';

const SETTINGS = { ...RUNNER_SETTINGS, leaseTtlMs: 10_000, balanceEveryMs: 1_000 };

interface Worker {
  readonly group: WorkerGroup;
  readonly ended: Promise<void>;
  readonly faults: (readonly [Lease, unknown])[];
  owned(task?: string): readonly number[];
  stop(): Promise<void>;
}

function join(world: PipelineWorld, name: string, tasks = both(world)): Worker {
  const stop = new AbortController();
  const faults: (readonly [Lease, unknown])[] = [];
  const group = new WorkerGroup(tasks, world.ports, SETTINGS, name, (lease, error) => faults.push([lease, error]));
  const ended = group.run(stop.signal);
  ended.catch(() => {});
  return {
    group,
    ended,
    faults,
    owned: (task = 'event') =>
      group.owned
        .filter((o) => o.lease.task === task)
        .map((o) => o.lease.partition)
        .sort(),
    stop: async () => {
      stop.abort();
      await world.clock.settle(ended);
    },
  };
}

const both = (world: PipelineWorld): readonly GroupTask[] => [
  { kind: world.eventKind, partitions: world.partitions },
  { kind: world.rollupKind, partitions: 1 },
];

const pass = async (world: PipelineWorld, ms: number): Promise<void> => {
  const untilMs = world.clock.nowMs() + ms;
  await world.clock.run(() => world.clock.nowMs() >= untilMs);
};

describe('a worker group', () => {
  test('of one runs every partition of every task', async () => {
    const world = new PipelineWorld(4);
    const worker = join(world, 'a');
    await world.clock.run(() => worker.group.owned.length === 5);
    expect(worker.owned()).toEqual([0, 1, 2, 3]);
    expect(worker.owned('rollup')).toEqual([0]);
    await world.clock.run(() => worker.group.owned.every((o) => o.status.state === 'running'));
    await worker.stop();
    expect(worker.group.owned).toEqual([]);
    expect([...world.store.leases.values()].every((l) => l.owner === null)).toBe(true);
  });

  test('takes no more than it can restore, and goes on when those are restored', async () => {
    const world = new PipelineWorld(20);
    const load = world.store.load.bind(world.store);
    const held = Promise.withResolvers<void>();
    world.store.load = async (...args) => {
      await held.promise;
      return load(...args);
    };
    const worker = join(world, 'a');
    await pass(world, 5_000);
    expect(worker.group.owned).toHaveLength(8);
    held.resolve();
    await world.clock.run(() => worker.group.owned.filter((o) => o.status.state === 'running').length === 21);
    await worker.stop();
    expect(worker.faults).toEqual([]);
  });

  test('shares partitions fairly with whoever joins, and takes them back when somebody leaves', async () => {
    const world = new PipelineWorld(4);
    const a = join(world, 'a');
    await world.clock.run(() => a.owned().length === 4);
    const b = join(world, 'b');
    await world.clock.run(() => b.owned().length === 2 && a.owned().length === 2);
    expect([...a.owned(), ...b.owned()].sort()).toEqual([0, 1, 2, 3]);
    await b.stop();
    await world.clock.run(() => a.owned().length === 4);
    await a.stop();
    expect([...a.faults, ...b.faults]).toEqual([]);
  });

  test('never runs a partition twice with the same epoch', async () => {
    const world = new PipelineWorld(3);
    const a = join(world, 'a');
    const b = join(world, 'b');
    const seen = new Map<string, string>();
    for (let n = 0; n < 20; n++) {
      await pass(world, 1_000);
      for (const [name, worker] of [
        ['a', a],
        ['b', b],
      ] as const)
        for (const { lease } of worker.group.owned) {
          const id = `${lease.task}/${lease.partition}/${lease.epoch}`;
          expect(seen.get(id) ?? name).toBe(name);
          seen.set(id, name);
        }
    }
    await a.stop();
    await b.stop();
  });

  test('takes over from a member that died, when its leases have run out', async () => {
    const world = new PipelineWorld(2);
    for (const [task, partition] of [
      ['members', 0],
      ['event', 0],
      ['event', 1],
    ] as const)
      await world.store.acquireLease(task, partition, 'dead', 10_000);
    const a = join(world, 'a');
    await pass(world, 5_000);
    expect(a.owned()).toEqual([]);
    await world.clock.run(() => a.owned().length === 2);
    await a.stop();
  });

  test('gives nothing up for a member that died and came back', async () => {
    const world = new PipelineWorld(6);
    const a = join(world, 'a');
    const b = join(world, 'b');
    await world.clock.run(() => a.owned().length === 3 && b.owned().length === 3);
    await pass(world, 2 * SETTINGS.leaseTtlMs);
    const mine = a.group.owned.map((o) => [o.lease.task, o.lease.partition, o.lease.epoch]);
    // Both are counted until the dead one's lease has run out.
    await world.store.acquireLease('members', 2, 'b before its crash', SETTINGS.leaseTtlMs);
    await pass(world, 2 * SETTINGS.leaseTtlMs);
    expect(a.group.owned.map((o) => [o.lease.task, o.lease.partition, o.lease.epoch])).toEqual(mine);
    await a.stop();
    await b.stop();
  });

  test('renews what it has while it takes many partitions from a slow store', async () => {
    const world = new PipelineWorld(20);
    const acquire = world.store.acquireLease.bind(world.store);
    world.store.acquireLease = async (...lease) => {
      await world.clock.sleep(1_000);
      return acquire(...lease);
    };
    const a = join(world, 'a');
    for (let n = 0; n < 25; n++) {
      await pass(world, 1_000);
      for (const { untilMs } of world.store.leases.values()) expect(untilMs).toBeGreaterThan(world.clock.nowMs());
    }
    expect(a.owned().length).toBe(20);
    await a.stop();
  });

  test('leaves partitions to their owners when all could not renew for longer than a lease', async () => {
    const world = new PipelineWorld(4);
    const a = join(world, 'a');
    const b = join(world, 'b');
    await world.clock.run(() => a.owned().length === 2 && b.owned().length === 2);
    await pass(world, 2 * SETTINGS.leaseTtlMs);
    const epochs = new Map([...world.store.leases].map(([id, lease]) => [id, lease.epoch]));
    const renew = world.store.renewLeases.bind(world.store);
    const untilMs = world.clock.nowMs() + 3 * SETTINGS.leaseTtlMs;
    world.store.renewLeases = async (leases, ttlMs) => {
      // The second one finds the store a moment later.
      if (world.clock.nowMs() < untilMs + (leases[0]?.owner === 'b' ? SETTINGS.balanceEveryMs : 0))
        throw new AppError('unavailable', 'away', { retryable: true });
      return renew(leases, ttlMs);
    };
    await pass(world, 6 * SETTINGS.leaseTtlMs);
    expect(new Map([...world.store.leases].map(([id, lease]) => [id, lease.epoch]))).toEqual(epochs);
    expect([...a.faults, ...b.faults]).toEqual([]);
    await a.stop();
    await b.stop();
  });

  test('keeps renewing the other leases while a runner that it gives up hangs in I/O', async () => {
    const world = new PipelineWorld(2);
    const a = join(world, 'a', [{ kind: world.eventKind, partitions: 2 }]);
    await world.clock.run(() => a.owned().length === 2);
    const hanging = Promise.withResolvers<readonly []>();
    const append = world.log.append.bind(world.log);
    world.log.append = (topic, records) => (records[0]?.partition === 1 ? hanging.promise : append(topic, records));
    await pass(world, 5_000);
    await world.store.acquireLease('members', 1, 'b', 10 * MINUTE);
    await pass(world, 3 * SETTINGS.leaseTtlMs);
    expect(world.store.leases.get('event/0')?.untilMs).toBeGreaterThan(world.clock.nowMs());
    expect(a.group.owned.map((o) => [o.lease.partition, o.status.state])).toContainEqual([0, 'running']);
    hanging.resolve([]);
    await world.clock.run(() => a.owned().join() === '0');
    await a.stop();
  });

  test('stops a partition at once whose lease it has lost', async () => {
    const world = new PipelineWorld(1);
    const a = join(world, 'a');
    await world.clock.run(() => a.owned().length === 1);
    world.store.leases.set('event/0', { owner: 'thief', epoch: 50, untilMs: world.clock.nowMs() + MINUTE });
    await world.clock.run(() => a.owned().length === 0);
    expect(world.store.leases.get('event/0')?.owner).toBe('thief');
    await a.stop();
  });

  test('announces itself again when its member’s lease is lost', async () => {
    const world = new PipelineWorld(1);
    const a = join(world, 'a');
    await world.clock.run(() => a.owned().length === 1);
    world.store.leases.set('members/0', { owner: 'thief', epoch: 50, untilMs: world.clock.nowMs() + 10 * MINUTE });
    await world.clock.run(() => world.store.leases.get('members/1')?.owner === 'a');
    await a.stop();
  });

  test('rests a partition whose runner failed, tells of it, and tries again', async () => {
    const world = new PipelineWorld(1);
    world.log.faults.queue.push({ method: 'offsets', when: 'before', error: new AppError('corrupt_data', 'bad disk') });
    const a = join(world, 'a', [{ kind: world.eventKind, partitions: 1 }]);
    await world.clock.run(() => a.faults.length === 1);
    expect(a.faults[0]).toMatchObject([{ task: 'event', partition: 0, epoch: 1 }, { code: 'corrupt_data' }]);
    const failedMs = world.clock.nowMs();
    await world.clock.run(() => a.owned().length === 1);
    expect(world.clock.nowMs() - failedMs).toBeGreaterThanOrEqual(2_000);
    expect(world.store.leases.get('event/0')?.epoch).toBe(2);
    await a.stop();
  });

  test('goes on through outages of the store', async () => {
    const world = new PipelineWorld(1);
    for (const method of ['acquireLease', 'renewLeases', 'renewLeases'])
      world.store.faults.queue.push({ method, when: 'before' });
    const a = join(world, 'a');
    await world.clock.run(() => a.owned().length === 1);
    await pass(world, 5_000);
    world.store.faults.queue.push({ method: 'releaseLease', when: 'before' });
    await a.stop();
    expect(a.faults).toEqual([]);
  });

  test('tells of a lease that it could not give back', async () => {
    const world = new PipelineWorld(1);
    const a = join(world, 'a', [{ kind: world.eventKind, partitions: 1 }]);
    await world.clock.run(() => a.owned().length === 1);
    world.store.faults.queue.push({ method: 'releaseLease', when: 'before', error: new AppError('internal', 'bug') });
    await a.stop();
    expect(a.faults).toMatchObject([[{ task: 'event' }, { code: 'internal' }]]);
  });

  test('ends with a fault that no retry heals', async () => {
    const world = new PipelineWorld(1);
    world.store.faults.queue.push({
      method: 'acquireLease',
      when: 'before',
      error: new AppError('configuration', 'no table'),
    });
    const a = join(world, 'a');
    await expect(world.clock.settle(a.ended)).rejects.toMatchObject({ code: 'configuration' });
  });
});

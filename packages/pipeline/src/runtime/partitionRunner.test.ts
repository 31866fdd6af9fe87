import { describe, expect, test } from 'vitest';
import { decodePartial, TOPICS } from '../contracts/index.ts';
import { AppError } from '../errors/index.ts';
import { decodeCell, hotKeys } from '../hot/index.ts';
import { type Lease, TICK_HEADER } from '../ports/index.ts';
import { STATE_FORMAT_VERSION } from '../state/index.ts';
import { eventRecord, HOUR, MINUTE, rawEvent, SECOND, T0, tierChange, uuid } from '../testing/events.ts';
import { PipelineWorld, RUNNER_SETTINGS } from '../testing/pipelineWorld.ts';
import { PartitionRunner, type TaskKind } from './index.ts';
import { Ticker } from './ticker.ts';

/** Takes the lease of partition 0 and runs it until stopped. */
async function start(world: PipelineWorld, kind: TaskKind<unknown>, settings = RUNNER_SETTINGS) {
  const lease = (await world.store.acquireLease(kind.name, 0, 'w', MINUTE)) ?? fail();
  return begin(world, kind, lease, settings);
}

function begin(world: PipelineWorld, kind: TaskKind<unknown>, lease: Lease, settings = RUNNER_SETTINGS) {
  const stop = new AbortController();
  const runner = new PartitionRunner(kind, world.ports, settings, lease, new Ticker(world.log, world.clock));
  const ended = runner.run(stop.signal);
  ended.catch(() => {});
  const halt = async (): Promise<void> => {
    stop.abort();
    await world.clock.settle(ended);
    await world.store.releaseLease(lease);
  };
  return { runner, ended, halt };
}

function fail(): never {
  throw new AppError('internal', 'no lease');
}

const partials = (world: PipelineWorld) =>
  world.log.records(TOPICS.windowsPartial, 0).map((r) => decodePartial(r.value ?? new Uint8Array(0)));
const isTick = (record: { readonly headers?: object | undefined }): boolean => TICK_HEADER in (record.headers ?? {});
const total = (world: PipelineWorld) =>
  decodeCell(world.hot.hashes.get(hotKeys.window('meridian', '1h', T0))?.get('*') ?? '0,0,0,0,0,,0,0');

describe.each(['clock', 'records'] as const)(
  'an event runner on a log where the %s tells how far it is',
  (knowledge) => {
    test('joins profiles, cuts, and ticks through silence until what waits is out', async () => {
      const world = new PipelineWorld(1, knowledge);
      world.place(TOPICS.cdcUsers, 0, tierChange('ada', 'gold', { appendTimeMs: T0 }));
      world.send(rawEvent());
      const { runner, halt } = await start(world, world.eventKind);
      await world.clock.run(() => partials(world).length > 0);
      expect(partials(world)[0]).toMatchObject({ cut: T0 / 250, isLast: true, appendMs: expect.any(Number) });
      const members = partials(world)[0]?.workspaces[0]?.groups[0]?.members;
      expect(members).toContain('tier=gold');
      expect(world.log.records(TOPICS.eventsRaw, 0).slice(1).every(isTick)).toBe(true);
      expect(runner.status).toMatchObject({ state: 'running', records: expect.any(Number) });
      await halt();
      expect(runner.status).toMatchObject({
        state: 'stopped',
        nextOffset: expect.any(Number),
        watermarkMs: expect.any(Number),
      });
    });
  },
);

describe('an event runner', () => {
  test('ticks at each full second while nothing comes', async () => {
    const world = new PipelineWorld();
    const { halt } = await start(world, world.eventKind);
    await world.clock.run(() => world.clock.nowMs() >= T0 + 10 * SECOND);
    const times = world.log.records(TOPICS.eventsRaw, 0).map((r) => r.appendTimeMs - T0);
    expect(times).toEqual(Array.from({ length: times.length }, (_, n) => n * SECOND));
    expect(times.length).toBeGreaterThanOrEqual(10);
    await halt();
  });

  test('ends each cut in time where events came lately: it ticks when nothing else does', async () => {
    const world = new PipelineWorld();
    world.send(rawEvent());
    const { halt } = await start(world, world.eventKind);
    await world.clock.run(() => partials(world).length >= 8);
    expect(partials(world).map((p) => p.cut - T0 / 250)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(world.clock.nowMs() - T0).toBeLessThanOrEqual(9 * 250);
    await halt();
  });

  test('wakes silent sides when a cut ends, once each', async () => {
    const world = new PipelineWorld(1, 'records');
    const { halt } = await start(world, world.eventKind);
    for (let n = 1; world.clock.nowMs() < T0 + 2 * SECOND; n++) {
      world.send(rawEvent({ id: uuid(n), timestampMs: world.clock.nowMs() }));
      const nextMs = world.clock.nowMs() + 10;
      await world.clock.run(() => world.clock.nowMs() >= nextMs);
    }
    const ticks = world.log.records(TOPICS.cdcUsers, 0).filter(isTick);
    // Twice where the virtual clock stood still between the tick of the events and theirs.
    expect(new Set(ticks.map((r) => Math.floor(r.appendTimeMs / 250))).size).toBeGreaterThanOrEqual(7);
    expect(ticks.length).toBeLessThanOrEqual(2 * 9);
    expect(
      partials(world)
        .map((p) => p.cut - T0 / 250)
        .slice(0, 7),
    ).toEqual([0, 1, 2, 3, 4, 5, 6]);
    await halt();
  });

  test("does not wait for the log's clock longer than a cut, however wrongly it was read", async () => {
    const world = new PipelineWorld(1, 'records');
    const { halt } = await start(world, world.eventKind);
    await world.clock.run(() => world.log.records(TOPICS.eventsRaw, 0).length === 2);
    // Its tick is answered as if the worker had been stopped for a minute in between.
    const append = world.log.append.bind(world.log);
    world.log.append = async (topic, records) =>
      (await append(topic, records)).map((ack) => ({ ...ack, appendTimeMs: ack.appendTimeMs - MINUTE }));
    await world.clock.run(() => world.log.records(TOPICS.eventsRaw, 0).length === 3);
    world.log.append = append;
    const sentMs = world.clock.nowMs();
    world.send(rawEvent({ timestampMs: sentMs }));
    await world.clock.run(() => partials(world).some((p) => p.workspaces.length > 0));
    expect(world.clock.nowMs() - sentMs).toBeLessThan(3 * SECOND);
    await halt();
  });

  test('tells how far it is while it catches up, not only when a batch is done', async () => {
    const world = new PipelineWorld();
    for (let n = 0; n < 60; n++)
      world.place(TOPICS.eventsRaw, 0, eventRecord(rawEvent({ id: uuid(n) }), T0 - HOUR + n * SECOND));
    const append = world.log.append.bind(world.log);
    const seen: number[] = [];
    const { runner, halt } = await start(world, world.eventKind);
    world.log.append = async (topic, records) => {
      if (topic === TOPICS.windowsPartial) seen.push(runner.status.endOffset - runner.status.nextOffset);
      return append(topic, records);
    };
    await world.clock.run(() => partials(world).length >= 59);
    expect(seen.slice(0, 59)).toEqual(Array.from({ length: 59 }, (_, n) => 60 - n));
    await halt();
  });

  test('puts dead letters and the feed where they belong', async () => {
    const world = new PipelineWorld();
    world.place(TOPICS.eventsRaw, 0, { appendTimeMs: T0, key: null, value: new Uint8Array([9]) });
    world.send(rawEvent({ pseudonym: 'p' }));
    const { halt } = await start(world, world.eventKind);
    await world.clock.run(() => world.hot.hashes.has(hotKeys.feed('meridian', 0, T0 / 250)));
    const [letter] = world.log.records(TOPICS.deadLetters, 0);
    expect(new TextDecoder().decode(letter?.key ?? undefined)).toBe('ebap.events.raw/0/0');
    expect(JSON.parse(new TextDecoder().decode(letter?.value ?? undefined))).toEqual({
      v: 1,
      workspace: '_system',
      reason: 'unknown_schema',
      message: expect.any(String),
      source: { topic: 'ebap.events.raw', partition: 0, offset: 0 },
      id: 'ebap.events.raw/0/0',
      schemaId: null,
      firstSeenMs: T0,
      payload: 'CQ==',
      sealed: false,
    });
    const feed = [...(world.hot.hashes.get(hotKeys.feed('meridian', 0, T0 / 250)) ?? [])].map(
      ([f, v]) => [f, JSON.parse(v)] as const,
    );
    expect(feed).toMatchObject([['cut', { arrived: 1, partition: 0, events: [{ pseudonym: 'p' }] }]]);
    await halt();
  });

  test('goes on from its checkpoint: nothing is counted twice, nothing is left out', async () => {
    const world = new PipelineWorld();
    world.place(TOPICS.cdcUsers, 0, tierChange('user-1', 'gold', { appendTimeMs: T0 }));
    const settings = { ...RUNNER_SETTINGS, checkpointEveryMs: 2_000 };
    const rollup = await start(world, world.rollupKind, settings);
    for (let round = 0; round < 4; round++) {
      const events = await start(world, world.eventKind, settings);
      for (let n = 0; n < 10; n++) {
        world.send(rawEvent({ id: uuid(round * 10 + n), userId: `user-${n}`, timestampMs: world.clock.nowMs() }));
        const nextMs = world.clock.nowMs() + 700;
        await world.clock.run(() => world.clock.nowMs() >= nextMs);
      }
      await events.halt();
    }
    expect(world.store.checkpoints.get('event/0')?.commitId).toContain('event/0/4/');
    expect(world.store.checkpoints.get('event/0')?.frontier).toEqual({
      'ebap.events.raw/0': expect.any(Number),
      'ebap.cdc.reference/0': 6,
      'ebap.cdc.users/0': 1,
    });
    const last = await start(world, world.eventKind, settings);
    await world.clock.run(() => total(world).view === 40);
    expect(total(world).activeUsers).toBe(10);
    await last.halt();
    await rollup.halt();
    expect(world.flushed.length).toBeGreaterThan(0);
  });

  test('survives outages of everything, and lost answers', async () => {
    const world = new PipelineWorld();
    for (const when of ['before', 'after'] as const) {
      for (const method of ['load', 'openIntent', 'commit']) world.store.faults.queue.push({ method, when });
      for (const method of ['fetch', 'offsets', 'append']) world.log.faults.queue.push({ method, when });
      world.hot.faults.queue.push({ method: 'flush', when });
    }
    world.send(rawEvent());
    const settings = { ...RUNNER_SETTINGS, checkpointEveryMs: 1_000 };
    const events = await start(world, world.eventKind, settings);
    const rollup = await start(world, world.rollupKind, settings);
    await world.clock.run(() => total(world).view === 1 && world.store.checkpoints.size === 2);
    await events.halt();
    await rollup.halt();
    expect(total(world)).toMatchObject({ view: 1, activeUsers: 1 });
  });

  test.each([
    ['begins after the checkpoint', (world: PipelineWorld) => world.log.starts.set(`${TOPICS.eventsRaw}/0`, 5)],
    ['ends before the checkpoint', (world: PipelineWorld) => world.log.records(TOPICS.eventsRaw, 0).splice(1)],
  ])('refuses a log that %s', async (_, fault) => {
    const world = new PipelineWorld();
    const frontier = { [`${TOPICS.eventsRaw}/0`]: 2, [`${TOPICS.cdcReference}/0`]: 6, [`${TOPICS.cdcUsers}/0`]: 0 };
    for (let n = 0; n < 6; n++) world.send(rawEvent({ id: uuid(n) }));
    fault(world);
    const manifest = { formatVersion: STATE_FORMAT_VERSION, segments: [], inline: {} };
    world.store.checkpoints.set('event/0', { frontier, manifest, epoch: 1, commitId: 'c', committedAtMs: T0 });
    const { ended, runner } = await start(world, world.eventKind);
    await expect(world.clock.settle(ended)).rejects.toMatchObject({ code: 'offset_gap', context: { needed: 2 } });
    expect(runner.status).toMatchObject({ state: 'alarm', message: expect.stringContaining('records are missing') });
  });

  test('refuses a topic that was made anew since its checkpoint', async () => {
    const world = new PipelineWorld();
    const first = await start(world, world.eventKind, { ...RUNNER_SETTINGS, checkpointEveryMs: 1_000 });
    world.send(rawEvent());
    await world.clock.run(() => world.store.checkpoints.size === 1);
    await first.halt();
    world.log.topicIds.set(TOPICS.cdcUsers, 'another');
    const { ended, runner } = await start(world, world.eventKind);
    await expect(world.clock.settle(ended)).rejects.toMatchObject({
      code: 'topic_mismatch',
      context: { topic: TOPICS.cdcUsers, checkpoint: 'memory', found: 'another' },
    });
    expect(runner.status.state).toBe('alarm');
  });

  test('stops with an alarm when its checkpoint is refused', async () => {
    const world = new PipelineWorld();
    world.store.refusals.push({ status: 'frontier_mismatch' });
    const { ended, runner } = await start(world, world.eventKind, { ...RUNNER_SETTINGS, checkpointEveryMs: 1_000 });
    await expect(world.clock.settle(ended)).rejects.toMatchObject({ code: 'frontier_mismatch' });
    expect(runner.status.state).toBe('alarm');
  });
});

describe('a rollup runner', () => {
  /** An hour that one event was counted in, shown. */
  async function shown() {
    const world = new PipelineWorld();
    world.send(rawEvent());
    const events = await start(world, world.eventKind);
    const rollup = await start(world, world.rollupKind);
    await world.clock.run(() => total(world).view === 1);
    return { world, events, rollup };
  }

  test('writes all that is open again when the store lost it', async () => {
    const { world, events, rollup } = await shown();
    world.hot.lose();
    await world.clock.run(() => total(world).view === 1);
    await events.halt();
    await rollup.halt();
  });

  test('writes all that is open again when it takes over', async () => {
    const { world, events, rollup } = await shown();
    await world.clock.run(() => world.store.checkpoints.has('rollup/0'));
    await rollup.halt();
    world.hot.hashes.clear();
    const next = await start(world, world.rollupKind);
    await world.clock.run(() => total(world).view === 1);
    await next.halt();
    await events.halt();
  });

  test('that a later owner has overtaken stops and writes nothing more', async () => {
    const { world, events, rollup } = await shown();
    world.hot.fences.set('rollup/0', { epoch: 99, offset: 1 });
    const flushes = world.hot.flushes.filter((f) => f.fence.scope === 'rollup/0').length;
    await expect(world.clock.settle(rollup.ended)).rejects.toMatchObject({ code: 'lease_lost' });
    expect(rollup.runner.status.state).toBe('stopped');
    expect(world.hot.flushes.filter((f) => f.fence.scope === 'rollup/0')).toHaveLength(flushes);
    await events.halt();
  });

  test('never ticks: its sources do', async () => {
    const world = new PipelineWorld();
    const { halt } = await start(world, world.rollupKind);
    await world.clock.run(() => world.clock.nowMs() > T0 + MINUTE);
    expect(world.log.records(TOPICS.windowsPartial, 0)).toEqual([]);
    await halt();
  });
});

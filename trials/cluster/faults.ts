import type { EngineName } from '../../stack/cluster/versions.ts';
import type { Random } from '../sim/random.ts';
import { cutBack, finalThrough, flushAll, type HotLoss, markAof } from './hotLoss.ts';
import { MOST_WORKERS, type Platform } from './platform.ts';
import type { ProductProcess } from './productProcess.ts';

/** Where faults happen. */
export interface Scene {
  readonly platform: Platform;
  readonly random: Random;
  readonly workspaces: readonly string[];
  /** Workers that run outside of storms: the first ones. */
  readonly workers: number;
}

/** Does its harm and heals it; resolves when whatever was taken away is back (or on its way by itself). */
export type Fault = (scene: Scene) => Promise<HotLoss | null>;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const restart =
  (name: EngineName, awayMs = 2_000): Fault =>
  async ({ platform, random }) => {
    const engine = platform.cluster.engine(name);
    await engine.stop();
    await pause(random.int(awayMs));
    await engine.start();
    return null;
  };

const kill =
  (name: EngineName, awayMs = 2_000): Fault =>
  async ({ platform, random }) => {
    const engine = platform.cluster.engine(name);
    await engine.kill();
    await pause(random.int(awayMs));
    await engine.start();
    return null;
  };

/** All its processes stand still, a database's backends too. */
const freeze =
  (name: EngineName): Fault =>
  async ({ platform, random }) => {
    const engine = platform.cluster.engine(name);
    engine.pause();
    await pause(3_000 + random.int(9_000));
    engine.resume();
    return null;
  };

/** Both at once, the second somewhere within the first; whole again when both are. */
const together =
  (first: Fault, second: Fault): Fault =>
  async (scene) => {
    const delayed = async (): Promise<HotLoss | null> => {
      await pause(scene.random.int(1_500));
      return second(scene);
    };
    const [one, other] = await Promise.all([first(scene), delayed()]);
    return one ?? other;
  };

const killWorker: Fault = async (scene) => {
  anyWorker(scene).kill();
  return null;
};

const killAllWorkers: Fault = async ({ platform, workers }) => {
  for (const worker of platform.workers.slice(0, workers)) worker.kill();
  return null;
};

const anyWorker = ({ platform, random, workers }: Scene): ProductProcess =>
  random.pick(platform.workers.slice(0, workers));

/** Starts and stops workers so that so many run, whichever; does not wait. */
function scale({ platform }: Scene, workers: number): Promise<unknown> {
  return Promise.all(
    platform.workers.map((worker, n) => {
      if (n < workers) worker.start();
      return n < workers ? null : worker.stop();
    }),
  );
}

/** 2 → 4 → 1 → 3 → 2 workers, each step before the one before has settled. */
const storm: Fault = async (scene) => {
  for (const workers of [MOST_WORKERS, 1, 3]) {
    void scale(scene, workers);
    await pause(2_000 + scene.random.int(4_000));
  }
  await scale(scene, scene.workers);
  return null;
};

/** Longer than its leases: it wakes up believing that it still owns what others have long gone on with. */
const zombie: Fault = async (scene) => {
  const worker = anyWorker(scene);
  worker.pause();
  await pause(10_000 + scene.random.int(5_000));
  worker.resume();
  return null;
};

const loseLastSecond: Fault = async ({ platform, workspaces }) => {
  const redis = platform.cluster.engine('redis');
  const { redisUrl } = platform.cluster.addresses;
  const mark = markAof(platform.enginesDir);
  await pause(1_000);
  const known = await finalThrough(redisUrl, workspaces);
  await redis.kill();
  const loss = cutBack(mark, known);
  await redis.start();
  return loss;
};

/** Every kind of fault, by the name it is reported under. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'worker killed': killWorker,
  'worker a zombie': zombie,
  'rebalance storm': storm,
  'web killed': async ({ platform }) => {
    platform.web.kill();
    return null;
  },
  'web frozen': async ({ platform, random }) => {
    platform.web.pause();
    await pause(3_000 + random.int(9_000));
    platform.web.resume();
    return null;
  },
  'kafka restarted': restart('kafka'),
  'kafka killed': kill('kafka'),
  'kafka frozen': freeze('kafka'),
  'connect restarted': restart('connect'),
  'connect killed': kill('connect'),
  'connect frozen': freeze('connect'),
  'registry restarted': restart('registry'),
  'registry killed': kill('registry'),
  'registry frozen': freeze('registry'),
  'redis restarted': restart('redis'),
  'redis killed': kill('redis'),
  'redis frozen': freeze('redis'),
  'redis flushed': ({ platform, workspaces }) => flushAll(platform.cluster.addresses.redisUrl, workspaces),
  'redis lost its last second': loseLastSecond,
  'platform database restarted': restart('platform'),
  'platform database killed': kill('platform'),
  'platform database frozen': freeze('platform'),
  'source database restarted': restart('source'),
  'source database killed': kill('source'),
  'source database frozen': freeze('source'),
  'kafka restarted, worker killed': together(restart('kafka'), killWorker),
  'platform database restarted, redis killed': together(restart('platform'), kill('redis')),
  'kafka frozen, platform database killed': together(freeze('kafka'), kill('platform')),
  'registry killed, all workers killed': together(kill('registry'), killAllWorkers),
  'source database killed, connect killed': together(kill('source'), kill('connect')),
};

/** So many faults of these kinds in seeded order; each kind comes once before any comes again. */
export function drawFaults(kinds: readonly string[], count: number, random: Random): readonly string[] {
  const drawn: string[] = [];
  while (drawn.length < count && kinds.length > 0) {
    const deck = [...kinds];
    while (deck.length > 0) drawn.push(...deck.splice(random.int(deck.length), 1));
  }
  return drawn.slice(0, count);
}
